use axum::http::HeaderValue;

use super::*;

fn headers(fields: &[(HeaderName, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(name, HeaderValue::from_str(value).expect("a header value"));
    }
    headers
}

fn expectation(fields: &[(HeaderName, &str)]) -> Result<Expectation, ()> {
    Expectation::of_command(&headers(fields)).map_err(|_| ())
}

const fn exactly(version: u64) -> Expectation {
    Expectation::Version(ExpectedVersion::Exact(Version::new(version)))
}

#[test]
fn a_command_expects_what_its_headers_say() {
    let absent = Expectation::Version(ExpectedVersion::NoStream);
    let cases = [
        (&[][..], Ok(Expectation::Unsaid)),
        (&[(IF_MATCH, "\"3\"")], Ok(exactly(3))),
        (&[(IF_MATCH, " \"3\" , W/\"4\", \"abc\",, ")], Ok(exactly(3))),
        (&[(IF_MATCH, "*")], Ok(Expectation::Exists)),
        (&[(IF_MATCH, "W/\"3\"")], Ok(Expectation::Never)),
        (&[(IF_MATCH, "\"abc\"")], Ok(Expectation::Never)),
        (&[(IF_MATCH, "\"03\"")], Ok(Expectation::Never)),
        (&[(IF_MATCH, "\"99999999999999999999\"")], Ok(Expectation::Never)),
        (&[(IF_MATCH, "\"a,b\"")], Ok(Expectation::Never)),
        (&[(IF_NONE_MATCH, "*")], Ok(absent)),
        (&[(IF_MATCH, "\"3\""), (IF_NONE_MATCH, "*")], Ok(Expectation::Never)),
        (&[(IF_MATCH, "\"3\""), (IF_MATCH, "W/\"4\"")], Ok(exactly(3))),
        (&[(IF_MATCH, "\"3\", \"4\"")], Err(())),
        (&[(IF_MATCH, "3")], Err(())),
        (&[(IF_MATCH, "")], Err(())),
        (&[(IF_MATCH, ",")], Err(())),
        (&[(IF_MATCH, "\"3")], Err(())),
        (&[(IF_MATCH, "\"3\" \"4\"")], Err(())),
        (&[(IF_MATCH, "\"3 4\"")], Err(())),
        (&[(IF_MATCH, "*, \"3\"")], Err(())),
        (&[(IF_MATCH, "*"), (IF_MATCH, "\"3\"")], Err(())),
        (&[(IF_NONE_MATCH, "\"3\"")], Err(())),
    ];
    for (fields, expected) in cases {
        assert_eq!(expectation(fields), expected, "{fields:?}");
    }
}

#[test]
fn a_read_that_the_client_has_already_needs_no_body() {
    let read =
        |fields: &[(HeaderName, &str)]| not_modified(&headers(fields), Version::new(3)).map_err(|_| ());
    for (fields, expected) in [
        (&[][..], Ok(false)),
        (&[(IF_NONE_MATCH, "\"3\"")], Ok(true)),
        (&[(IF_NONE_MATCH, "\"2\", W/\"3\"")], Ok(true)),
        (&[(IF_NONE_MATCH, "\"2\"")], Ok(false)),
        (&[(IF_NONE_MATCH, "*")], Ok(true)),
        (&[(IF_NONE_MATCH, "2")], Err(())),
        (&[(IF_MATCH, "\"3\"")], Ok(false)),
        (&[(IF_MATCH, "*")], Ok(false)),
        (&[(IF_MATCH, "W/\"3\"")], Err(())),
        (&[(IF_MATCH, "\"2\"")], Err(())),
    ] {
        assert_eq!(read(fields), expected, "{fields:?}");
    }
}
