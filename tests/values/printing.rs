use proofmark::value::{Path, PathStep, diff, quote};
use proptest::prelude::*;

use super::generate::any_value;

fn any_path() -> impl Strategy<Value = Vec<PathStep>> {
    let step = prop_oneof![
        any::<usize>().prop_map(PathStep::from),
        "[a-z_-]{1,4}".prop_map(|name| PathStep::from(name.as_str())),
        any::<String>().prop_map(|name| PathStep::from(name.as_str())),
    ];
    proptest::collection::vec(step, 0..5)
}

proptest! {
    #[test]
    fn paths_read_as_they_print(steps in any_path()) {
        let mut path = Path::root();
        for step in steps {
            path.push(step);
        }
        prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
    }

    #[test]
    fn reading_a_path_never_panics(text in any::<String>()) {
        if let Err(error) = Path::parse(&text) {
            prop_assert!(error.offset <= text.len());
        }
    }

    #[test]
    fn printing_is_bounded_and_inert(value in any_value(), limit in 0_usize..200) {
        let printed = value.brief(limit);
        prop_assert!(printed.chars().count() <= limit + 120, "{} characters", printed.chars().count());
        for printed in [printed, value.to_string()] {
            let loose = printed.chars().find(|c| c.is_control() || ('\u{202a}'..='\u{202e}').contains(c));
            prop_assert_eq!(loose, None);
        }
    }

    #[test]
    fn quotes_are_inert(text in any::<String>()) {
        prop_assert!(!quote(&text).chars().any(char::is_control));
    }

    #[test]
    fn differences_are_where_the_values_differ(a in any_value(), b in any_value()) {
        prop_assert_eq!(diff(&a, &b).is_empty(), a == b);
        for difference in diff(&a, &b) {
            prop_assert_eq!(difference.path.get(&a).cloned(), difference.expected);
            prop_assert_eq!(difference.path.get(&b).cloned(), difference.actual);
        }
    }
}
