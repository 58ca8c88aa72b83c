use proofmark::value::{JsonProblem, Limits, Value};
use proptest::prelude::*;

use super::generate::any_value;

fn read(json: impl AsRef<[u8]>) -> Result<Value, proofmark::value::JsonError> {
    Value::from_json(json, &Limits::default())
}

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_same(value in any_value()) {
        let json = value.to_json();
        let back = read(&json);
        prop_assert_eq!(back.as_ref(), Ok(&value));
        // Also the spelling of numbers.
        prop_assert_eq!(back.map(|value| value.to_json()), Ok(json));
    }

    #[test]
    fn bytes_never_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
    }

    #[test]
    fn text_in_the_shape_of_json_is_read_or_refused_in_its_midst(
        text in r#"([\[\]{},:"\\ ]|null|true|-?[0-9]{1,3}|1e5|"a"|"b":|\\u[0-9a-fD-d]{4}){0,20}"#
    ) {
        match read(&text) {
            Ok(value) => prop_assert_eq!(read(value.to_json()), Ok(value)),
            Err(error) => prop_assert!(error.offset <= text.len()),
        }
    }

    #[test]
    fn half_of_a_json_is_none(value in any_value(), cut in any::<proptest::sample::Index>()) {
        let json = Value::from([value]).to_json();
        prop_assert!(read(&json.as_bytes()[..cut.index(json.len())]).is_err());
    }
}

#[test]
fn deep_and_long_input_is_refused() {
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        let error = read(open.repeat(100_000)).expect_err("too deep");
        assert_eq!(error.what, JsonProblem::TooDeep(128), "{open}");
    }
    let error = read(" ".repeat((16 << 20) + 1)).expect_err("too large");
    assert_eq!(error.what, JsonProblem::TooLarge(16 << 20));
}

#[test]
fn hostile_records_are_read_in_reasonable_time() {
    let fields: Vec<_> = (0..200_000).map(|n| format!("\"field{n}\":{n}")).collect();
    let value = read(format!("{{{}}}", fields.join(","))).expect("long, but fine");
    assert_eq!(value.get("field199999"), Some(&Value::from(199_999)));
    let twice = format!("{{{},\"field7\":0}}", fields.join(","));
    assert_eq!(read(twice).map_err(|error| error.what), Err(JsonProblem::DuplicateName("field7".into())));
}
