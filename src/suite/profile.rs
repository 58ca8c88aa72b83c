use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::load::{Loader, Mistakes, take_in};
use crate::profile::{Equipment, Outward, Profile, contract_name};
use crate::text::{Code, Diagnostic, Source, path_name};

/// A target profile that was read from a file, with the contract it speaks.
#[derive(Clone, Debug)]
pub struct ProfileFile {
    source: Arc<Source>,
    profile: Option<Profile>,
    contract: Option<PathBuf>,
    mistakes: Mistakes,
}

impl ProfileFile {
    /// Reads a profile and its contract: `NAME.contract` beside the profile or in the nearest directory above it.
    /// What is wrong is told by [`ProfileFile::profile`].
    pub fn load(path: &Path) -> Self {
        let mut mistakes = Mistakes::default();
        let source = match Source::read(path) {
            Ok(source) => Arc::new(source),
            Err(unreadable) => {
                let source = Arc::new(unreadable.source_text);
                mistakes.add(&source, &[unreadable.diagnostic]);
                return Self { source, profile: None, contract: None, mistakes };
            }
        };
        let mut loader = Loader::default();
        let name = match contract_name(&source) {
            Ok(name) => name,
            Err(diagnostics) => {
                mistakes.add(&source, &diagnostics);
                return Self { source, profile: None, contract: None, mistakes };
            }
        };
        let found = loader.find_contract(path, &name.node);
        let contract =
            found.as_ref().and_then(|contract| loader.contract(contract)).map(|known| known.contract);
        mistakes.merge(loader.finish().mistakes());
        let profile = match contract {
            Some(contract) => {
                let reading = Profile::read(&source, &contract);
                let (mut profile, mut diagnostics) = (reading.profile, reading.diagnostics);
                diagnostics.extend(trust(&mut profile, path));
                mistakes.add(&source, &diagnostics);
                Some(profile)
            }
            // A contract that can't be read is told already.
            None if mistakes.errors() > 0 => None,
            None => {
                let what = format!(
                    "there is no file {}.contract beside this one or in a directory above",
                    name.node
                );
                mistakes.add(&source, &[Diagnostic::error(Code::UNKNOWN_CONTRACT, name.span, what)]);
                None
            }
        };
        Self { source, profile, contract: found, mistakes }
    }

    /// The file of the contract it speaks, if there is one.
    pub fn contract(&self) -> Option<&Path> {
        self.contract.as_deref()
    }

    /// The profile.
    ///
    /// # Errors
    /// When there are mistakes that must be mended first; warnings are none.
    pub fn profile(&self) -> Result<&Profile, &Mistakes> {
        match &self.profile {
            Some(profile) if self.mistakes.errors() == 0 => Ok(profile),
            _ => Err(&self.mistakes),
        }
    }

    /// All that is wrong, warnings included.
    pub fn mistakes(&self) -> &Mistakes {
        &self.mistakes
    }

    /// Looks up all that the profile takes from the environment; see [`Profile::equip`].
    ///
    /// # Errors
    /// When the profile has mistakes, or something that it needs is not there.
    pub fn equip(&self, base_given: bool, look_up: Outward<'_>) -> Result<(Profile, Equipment), Mistakes> {
        let profile = self.profile().map_err(Clone::clone)?;
        match profile.equip(base_given, look_up) {
            Ok(equipment) => Ok((profile.clone(), equipment)),
            Err(diagnostics) => {
                let mut mistakes = Mistakes::default();
                mistakes.add(&self.source, &diagnostics);
                Err(mistakes)
            }
        }
    }
}

/// Reads the file with the authorities that the profile trusts, if it names one.
fn trust(profile: &mut Profile, path: &Path) -> Option<Diagnostic> {
    let ca = profile.ca()?.clone();
    let file = path.parent().unwrap_or(Path::new("")).join(&ca.node);
    let told =
        |what: String| Diagnostic::error(Code::BAD_VALUE, ca.span, format!("{}: {what}", path_name(&file)));
    match take_in(&file) {
        Err(why) => Some(told(why).advise("the path is relative to the profile")),
        Ok(pem) => profile.trust(pem.text()).err().map(|why| {
            let advice = "a PEM file has each authority's certificate from `-----BEGIN CERTIFICATE-----` to \
                          `-----END CERTIFICATE-----`";
            told(why.to_string()).advise(advice)
        }),
    }
}
