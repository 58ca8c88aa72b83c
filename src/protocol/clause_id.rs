use std::fmt;
use std::str::FromStr;

/// Declares the enum, its texts and the list of all of them in one place, so that none can be left out.
macro_rules! clause_ids {
    ($($variant:ident $text:literal)*) => {
        /// The number of a clause of the catalogue, such as `EC-1`: its group and its place there. The enum is closed, so nothing can be
        /// claimed, noted or reported of a clause that does not exist.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum ClauseId {
            $(#[doc = concat!("Clause ", $text, ".")] $variant,)*
        }

        impl ClauseId {
            /// All of them, in the order of the catalogue.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The number as the catalogue writes it: `EC-1`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

clause_ids! {
    Ch1 "CH-1" Ch2 "CH-2" Ch3 "CH-3" Ch4 "CH-4" Ch5 "CH-5" Ch6 "CH-6"
    Br1 "BR-1" Br2 "BR-2" Br3 "BR-3" Br4 "BR-4" Br5 "BR-5" Br6 "BR-6"
    Id1 "ID-1" Id2 "ID-2" Id3 "ID-3" Id4 "ID-4" Id5 "ID-5"
    Oc1 "OC-1" Oc2 "OC-2" Oc3 "OC-3" Oc4 "OC-4" Oc5 "OC-5"
    Qs1 "QS-1" Qs2 "QS-2" Qs3 "QS-3" Qs4 "QS-4" Qs5 "QS-5"
    Ec1 "EC-1" Ec2 "EC-2" Ec3 "EC-3" Ec4 "EC-4" Ec5 "EC-5" Ec6 "EC-6" Ec7 "EC-7"
    Sg1 "SG-1" Sg2 "SG-2" Sg3 "SG-3" Sg4 "SG-4" Sg5 "SG-5"
    Cv1 "CV-1" Cv2 "CV-2"
    Ev1 "EV-1" Ev2 "EV-2" Ev3 "EV-3" Ev4 "EV-4" Ev5 "EV-5" Ev6 "EV-6" Ev7 "EV-7"
    Rb1 "RB-1" Rb2 "RB-2" Rb3 "RB-3" Rb4 "RB-4"
    Ft1 "FT-1" Ft2 "FT-2" Ft3 "FT-3" Ft4 "FT-4"
    Se1 "SE-1" Se2 "SE-2" Se3 "SE-3"
}

impl ClauseId {
    /// The group: `EC` of `EC-1`.
    pub fn group(self) -> &'static str {
        self.as_str().split_once('-').map_or(self.as_str(), |(group, _)| group)
    }

    /// Whether it is about what a query answers, whatever the write side has.
    pub fn is_of_reads(self) -> bool {
        matches!(self.group(), "EC" | "QS")
    }
}

impl ClauseId {
    /// Several of them in a line: `EC-1 EC-2`.
    pub fn line<'a>(ids: impl IntoIterator<Item = &'a Self>) -> String {
        ids.into_iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What these texts are the numbers of; an error at the first that is none.
    pub fn read_all(texts: &[&str]) -> Result<Vec<Self>, NoSuchClause> {
        texts.iter().map(|text| text.parse()).collect()
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text that is the number of no clause. Holds the text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no clause {0:?}; `proofmark list clauses` has them all")]
pub struct NoSuchClause(pub String);

impl FromStr for ClauseId {
    type Err = NoSuchClause;

    /// Reads `EC-1`, in any case of letters.
    fn from_str(text: &str) -> Result<Self, NoSuchClause> {
        let found = Self::ALL.iter().find(|id| id.as_str().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| NoSuchClause(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_as_it_is_written() {
        for id in ClauseId::ALL {
            assert_eq!(id.as_str().to_lowercase().parse(), Ok(*id));
            assert_eq!(id.to_string().parse(), Ok(*id));
            assert!(id.as_str().starts_with(id.group()));
        }
        assert_eq!("EC-99".parse::<ClauseId>(), Err(NoSuchClause("EC-99".into())));
        assert_eq!(format!("{:<8}|", ClauseId::Ec1), "EC-1    |");
    }
}
