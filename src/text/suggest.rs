//! "Did you mean".

/// Longer words are not compared: nobody mistypes them by a letter, and the distance takes quadratic time.
const MAX_WORD_CHARS: usize = 64;

/// A shorter word is the beginning of too many others.
const MIN_PREFIX_CHARS: usize = 3;

/// The candidate that `word` was probably meant to be.
///
/// In this order: one that differs in case or underscores only; the nearest by edits (one edit for each three letters,
/// at least one; neighbouring letters swapped count as one); one that begins with `word` or that `word` begins with.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length == 0 || length > MAX_WORD_CHARS {
        return None;
    }
    let plain = simplify(word);
    let allowed = (length / 3).max(1);
    let mut nearest: Option<(usize, &str)> = None;
    let mut prefix = None;
    for candidate in candidates {
        if candidate == word || candidate.len() > MAX_WORD_CHARS * 4 {
            continue;
        }
        let other = simplify(candidate);
        if other == plain {
            return Some(candidate);
        }
        // A word of one or two letters is one edit away from every other one.
        let edits = strsim::osa_distance(&plain, &other);
        if edits <= allowed && edits < length.max(2) && nearest.is_none_or(|(best, _)| edits < best) {
            nearest = Some((edits, candidate));
        }
        let shorter = length.min(other.chars().count());
        let common = other.starts_with(&plain) || plain.starts_with(&other);
        if prefix.is_none() && shorter >= MIN_PREFIX_CHARS && common {
            prefix = Some(candidate);
        }
    }
    nearest.map(|(_, candidate)| candidate).or(prefix)
}

/// Whether `word` is `candidate` with a slip of the hand, and not another word that begins the same.
pub fn is_typo_of(word: &str, candidate: &str) -> bool {
    let length = word.chars().count();
    if length > MAX_WORD_CHARS || candidate.len() > MAX_WORD_CHARS * 4 {
        return false;
    }
    let (word, candidate) = (simplify(word), simplify(candidate));
    word == candidate || strsim::osa_distance(&word, &candidate) <= (length / 4).max(1)
}

fn simplify(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(word: &str, expected: Option<&str>) {
        let names = ["ConfirmOrder", "CancelOrder", "CreateOrder", "item_count", "total", "then", "on"];
        assert_eq!(did_you_mean(word, names), expected, "{word}");
    }

    #[test]
    fn finds_the_nearest() {
        check("ConfrimOrder", Some("ConfirmOrder"));
        check("thn", Some("then"));
        check("totl", Some("total"));
        check("CancleOrder", Some("CancelOrder"));
    }

    #[test]
    fn case_and_underscores_do_not_matter() {
        check("confirmorder", Some("ConfirmOrder"));
        check("confirm_order", Some("ConfirmOrder"));
        check("itemCount", Some("item_count"));
    }

    #[test]
    fn a_beginning_is_enough() {
        check("Confirm", Some("ConfirmOrder"));
        check("item", Some("item_count"));
    }

    #[test]
    fn nothing_near_gives_nothing() {
        check("ShipParcel", None);
        check("", None);
        check("x", None);
        check(&"a".repeat(10_000), None);
    }

    #[test]
    fn a_longer_word_is_no_typo() {
        assert!(is_typo_of("totl", "total"));
        assert!(is_typo_of("itemCount", "item_count"));
        assert!(!is_typo_of("customer_name", "customer"));
    }

    #[test]
    fn the_same_word_is_no_suggestion() {
        assert_eq!(did_you_mean("then", ["then", "when"]), Some("when"));
    }
}
