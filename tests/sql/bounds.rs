use super::{on_both, query, shown};

const TABLES: &str = "CREATE TABLE t (id INT, word TEXT);\
                      INSERT INTO t VALUES (1, 'aaaaaaaaaaaaaaaaaaaa'), (2, 'b'), (3, 'c')";

async fn more_than_is_read_is_told(address: String, _: &str) {
    let asked = async |sql: &str, limits: &str| {
        let lines = format!("[query.GetThing]\nsql = \"{sql}\"\n[limits]\n{limits}");
        shown(&address, &lines, &query("GetThing", "{}")).await
    };
    let told = asked("SELECT id FROM t", "rows = 2").await;
    assert!(told.contains("more than 2 rows; `rows` in [limits]"), "{told}");
    let told = asked("SELECT id, word FROM t WHERE id = 1", "values = 2").await;
    assert!(told.contains("values; `values` in [limits]") || told.contains("more than 2 values"), "{told}");
    let told = asked("SELECT word FROM t WHERE id = 1", "bytes = 19").await;
    assert!(told.contains("more than 19 bytes in a row; `bytes` in [limits]"), "{told}");
    let told = asked("SELECT word FROM t", "read_bytes = 19").await;
    assert!(told.contains("more than 19 bytes; `read_bytes` in [limits]"), "{told}");
    assert_eq!(asked("SELECT id FROM t WHERE id = 2", "rows = 1\nvalues = 2").await, r#"{"id":2}"#);
}
on_both!(limits, super::TABLES, super::TABLES, super::more_than_is_read_is_told);

/// What would never come to an end is ended in the database as well: whoever writes to the table has it for himself soon.
async fn time_is_bounded(address: String, database: &str) {
    let lines = "[limits]\ntotal = \"300ms\"\n[query.GetThing]\nsql = \"\"\"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + t.id - t.id FROM n, t \
                 WHERE i > 0)\nSELECT count(*) AS i FROM n\"\"\"";
    let told = shown(&address, lines, &query("GetThing", "{}")).await;
    assert!(told.contains("did not answer within 300ms (`total` in [limits]"), "{told}");
    super::has_for_itself(&address, database).await;
}
on_both!(time, super::TABLES, super::TABLES, super::time_is_bounded);
