use proofmark::protocol::{Seen, Version};

use super::{answered, on_both, query, shown};

const ROWS: &str = "INSERT INTO things VALUES ('t-1', 'tea', 12345678901234.1234, 7, '[{\"price\": 0.10}]', NULL, 3);\
                    INSERT INTO things VALUES ('t-2', 'it''s', 0.10, 8, '{}', NULL, 1);\
                    INSERT INTO things VALUES ('t-3', 'tea', 1, 9, '[]', NULL, 2);\
                    INSERT INTO things VALUES ('t-4', 'tea', 2, 9, '[]', NULL, 4)";
const SQLITE: &str =
    "CREATE TABLE things (id TEXT, name TEXT, price TEXT, size INTEGER, parts TEXT, gone TEXT, at INTEGER);";
const POSTGRES: &str = "CREATE TABLE things (id VARCHAR(9), name TEXT, price NUMERIC, size BIGINT, parts JSONB, gone TEXT, at INT);";

fn sqlite() -> String {
    format!(
        "{SQLITE}{}",
        ROWS.replace("12345678901234.1234", "'12345678901234.1234'").replace("0.10, 8", "'0.10', 8")
    )
}

fn postgres() -> String {
    format!("{POSTGRES}{ROWS}")
}

async fn a_row_is_a_record(address: String, _: &str) {
    let lines = "[query.GetThing]\nsql = \"SELECT name, price, size, parts, gone, at FROM things WHERE id = ${on}\"\n\
                 fields = { price = \"$.price | decimal\", parts = \"$.parts | json\" }\nversion = \"$.at\"\n\
                 [version]\norder = \"number\"";
    let (answer, request) = answered(&address, lines, &query("GetThing", "{}")).await.expect("reached");
    let Seen::Found(value) = &answer.seen else { panic!("{:?}", answer.seen) };
    let expected =
        r#"{"name":"tea","price":12345678901234.1234,"size":7,"parts":[{"price":0.10}],"gone":null,"at":3}"#;
    assert_eq!(value.to_json(), expected);
    assert_eq!(answer.version, Some(Version::Number(3)));
    let statement = "SELECT name, price, size, parts, gone, at FROM things WHERE id = '\\''t-1'\\'''";
    assert!(request.ends_with(statement) && !request.contains("throw-away"), "{request}");
    let other = lines.replace("${on}", "${.word}");
    assert_eq!(shown(&address, &other, &query("GetThing", r#"{"word": "t-9"}"#)).await, "Absent");
    // Nothing is given, so nothing is equal to it.
    assert_eq!(shown(&address, &other, &query("GetThing", "{}")).await, "Absent");
}
on_both!(a_record, &super::sqlite(), &super::postgres(), super::a_row_is_a_record);

/// In the order that the statement says; what is not given has the contract's default, and `total` counts what is on no page, too.
async fn rows_are_a_list(address: String, _: &str) {
    let lines = "[query.ListThings]\nsql = '''\nSELECT id, size FROM things WHERE name = ${.name} ORDER BY at DESC\n\
                 LIMIT ${.page_size} OFFSET (${.page} - 1) * ${.page_size}; -- a page\n'''\n\
                 total = \"SELECT count(*) FROM things WHERE name = ${.name}\"";
    let asked = async |fields: &str| shown(&address, lines, &query("ListThings", fields)).await;
    assert_eq!(asked("{}").await, r#"[{"id":"t-4","size":9},{"id":"t-1","size":7}] of 3"#);
    assert_eq!(asked(r#"{"page": 2}"#).await, r#"[{"id":"t-3","size":9}] of 3"#);
    assert_eq!(asked(r#"{"name": "nothing"}"#).await, "[] of 0");
    assert_eq!(asked(r#"{"name": "it's"}"#).await, r#"[{"id":"t-2","size":8}] of 1"#);
    // Bound, and never part of the statement.
    for spliced in ["' OR 1 = 1 --", "'; DROP TABLE things; --", "${.page}", "$1", "?1"] {
        let fields = format!(r#"{{"name": "{spliced}"}}"#);
        assert_eq!(asked(&fields).await, "[] of 0", "{spliced}");
    }
    let kept = format!("{lines}\nkeep = {{ \"$.size\" = \"7\" }}").replace("total =", "#");
    assert_eq!(shown(&address, &kept, &query("ListThings", "{}")).await, r#"[{"id":"t-1","size":7}]"#);
}
on_both!(a_list, &super::sqlite(), &super::postgres(), super::rows_are_a_list);

/// One that is there no more, by a column, and rows where one was asked for.
async fn what_is_no_record(address: String, _: &str) {
    let lines = "[query.GetThing]\nsql = \"SELECT name, gone FROM things WHERE id = ${on}\"\nabsent = { at = \"$.gone\", is = \"null\" }";
    assert_eq!(shown(&address, lines, &query("GetThing", "{}")).await, "Absent");
    let lines = "[query.GetThing]\nsql = \"SELECT name FROM things WHERE name = 'tea'\"";
    let told = shown(&address, lines, &query("GetThing", "{}")).await;
    assert!(told.contains("3 rows") && told.contains("WHERE"), "{told}");
}
on_both!(no_record, &super::sqlite(), &super::postgres(), super::what_is_no_record);

/// What SQLite stores is what it is.
#[tokio::test]
async fn values_of_sqlite() {
    let tables = "CREATE TABLE v (id TEXT, i INTEGER, r REAL, t TEXT, f BOOLEAN, b BLOB);\
                  INSERT INTO v VALUES ('t-1', 9223372036854775807, 0.1, 'ß', 1, x'00'), ('t-2', 1, 9e999, '', 0, NULL)";
    let tables = super::Tables::sqlite("values", tables).await;
    let of = async |columns: &str, id: &str| {
        let lines = format!("[query.GetThing]\nsql = \"SELECT {columns} FROM v WHERE id = ${{.word}}\"");
        shown(&tables.address(), &lines, &query("GetThing", &format!(r#"{{"word": "{id}"}}"#))).await
    };
    assert_eq!(of("i, r, t, f", "t-1").await, r#"{"i":9223372036854775807,"r":0.1,"t":"ß","f":true}"#);
    assert_eq!(of("i, t, f", "t-2").await, r#"{"i":1,"t":"","f":false}"#);
    let told = of("b", "t-1").await;
    assert!(told.contains("the column `b` holds bytes"), "{told}");
    let told = of("r", "t-2").await;
    assert!(told.contains("the column `r` holds a number without end"), "{told}");
}

/// Types that only PostgreSQL has, exactly, and bound as what they are compared with.
#[cfg(feature = "throwaway")]
#[tokio::test]
async fn values_of_postgres() {
    let tables = "CREATE TYPE state AS ENUM ('new', 'old');\
                  CREATE TABLE v (id UUID, n NUMERIC, f FLOAT8, at TIMESTAMPTZ, s state, l TEXT[], b BOOLEAN, j JSON);\
                  INSERT INTO v VALUES ('00000000-0000-4000-8000-000000000001', 123456789012345678901234567890.10, 0.1,\
                  '2026-03-01 12:00:00.123456+02', 'new', '{a,b}', true, '{\"x\": 1.50}')";
    let Some(tables) = super::Tables::postgres(tables).await else { return };
    let lines = "[query.GetThing]\nsql = \"SELECT n, f, at, s, l, b, j FROM v WHERE id = ${.word}\"";
    let word = r#"{"word": "00000000-0000-4000-8000-000000000001"}"#;
    assert_eq!(
        shown(&tables.address(), lines, &query("GetThing", word)).await,
        r#"{"n":123456789012345678901234567890.10,"f":0.1,"at":"2026-03-01T10:00:00.123456+00:00","s":"new","l":["a","b"],"b":true,"j":{"x":1.50}}"#
    );
    let told = shown(&tables.address(), lines, &query("GetThing", r#"{"word": "x"}"#)).await;
    assert!(told.contains("invalid input syntax for type uuid"), "{told}");
    let by_state = lines.replace("id = ${.word}", "s = ${.word}");
    assert!(
        shown(&tables.address(), &by_state, &query("GetThing", r#"{"word": "new"}"#)).await.starts_with('{')
    );
}
