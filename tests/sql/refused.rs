use super::{on_both, query, service, shown};

const TABLES: &str = "CREATE TABLE t (id INT, word TEXT); INSERT INTO t VALUES (1, 'a')";
/// A function that writes, which nothing in the statement shows.
const WRITER: &str = "CREATE FUNCTION writes() RETURNS INT LANGUAGE sql AS 'INSERT INTO t VALUES (2, $$b$$) RETURNING 1';\
                      CREATE SEQUENCE s";

fn postgres() -> String {
    format!("{TABLES};{WRITER}")
}

async fn mistakes_are_told_before_anything_is_sent(address: String, database: &str) {
    let told = async |sql: &str| {
        let lines = format!("[query.GetThing]\nsql = \"{sql}\"");
        shown(&address, &lines, &query("GetThing", "{}")).await
    };
    let check = async |sql: &str, part: &str| {
        let told = told(sql).await;
        assert!(
            told.contains("[query.GetThing] of the profile, `sql`: ") && told.contains(part),
            "{sql}: {told}"
        );
        assert!(!told.contains("throw-away"), "{told}");
    };
    check("SELECT wrod FROM t", "wrod").await;
    check("SELECT * FROM nowhere", "nowhere").await;
    check("SELECT id FROM t WHERE", "the database doesn't take the statement").await;
    check(
        "WITH x AS (DELETE FROM t RETURNING id) SELECT id FROM x",
        "the database doesn't take the statement",
    )
    .await;
    if database == "sqlite" {
        check("SELECT id FROM t WHERE id = :id AND word = ${on}", "a parameter that nothing is bound to")
            .await;
        check("SELECT id FROM t WHERE id = ? AND word = ${on}", "a parameter that nothing is bound to").await;
    } else {
        check("SELECT id FROM t WHERE ${.word} IS NULL", "write what it is behind the placeholder").await;
        for writes in [
            "SELECT writes() AS id",
            "SELECT nextval('s') AS id",
            "SELECT set_config('transaction_read_only', 'off', true), writes() AS id",
        ] {
            let told = told(writes).await;
            assert!(
                told.contains("the database is only read") || told.contains("read-write mode"),
                "{writes}: {told}"
            );
        }
    }
    assert_eq!(told("SELECT count(*) AS n FROM t").await, r#"{"n":1}"#, "nothing was written");
}
on_both!(mistakes, super::TABLES, &super::postgres(), super::mistakes_are_told_before_anything_is_sent);

#[tokio::test]
async fn a_database_that_is_not_there_is_told_without_its_password() {
    let lines = "[query.GetThing]\nsql = \"SELECT 1 AS id\"";
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = closed.local_addr().expect("its address").port();
    drop(closed);
    for (address, parts) in [
        (
            format!("postgres://ann:canary-1@127.0.0.1:{port}/orders"),
            ["postgres://127.0.0.1", "can't be reached"],
        ),
        ("sqlite:/nowhere/o.db".to_owned(), ["[database] (THINGS)", "the file must be there"]),
    ] {
        let told = shown(&address, lines, &query("GetThing", "{}")).await;
        assert!(parts.iter().all(|part| told.contains(part)) && !told.contains("canary"), "{told}");
    }
    let file =
        std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("text-{}.db", std::process::id()));
    std::fs::write(
        &file,
        "no database, but a text that is long enough to be taken for one by its size alone",
    )
    .expect("written");
    let address = format!("sqlite:{}", file.display());
    let reads = "[query.GetThing]\nsql = \"SELECT name AS id FROM sqlite_schema\"";
    let told = shown(&address, reads, &query("GetThing", "{}")).await;
    std::fs::remove_file(&file).expect("removed");
    assert!(told.contains("not a database"), "{told}");
    for (address, part) in [
        ("mysql://ann:canary-1@localhost/o", "postgres:// or sqlite:"),
        ("sqlite::memory:", "names no file"),
        ("postgres://ann:canary-1@localhost:port/o", "can't be read"),
    ] {
        let told = service("http://127.0.0.1:1", address, lines).expect_err("no database").to_string();
        assert!(told.contains(part) && !told.contains("canary"), "{told}");
    }
}

#[cfg(feature = "throwaway")]
#[tokio::test]
async fn wrong_credentials_are_told_without_them() {
    let Some(server) = throwaway::server() else { return };
    let address = server.database().await;
    let lines = "[query.GetThing]\nsql = \"SELECT 1 AS id\"";
    let wrong = address.replace(throwaway::PASSWORD, "canary-1");
    let told = shown(&wrong, lines, &query("GetThing", "{}")).await;
    assert!(
        told.contains("lets nobody in: password authentication failed") && !told.contains("canary"),
        "{told}"
    );
    let nowhere = format!("{}_nowhere", address.split('?').next().unwrap_or_default());
    let told = shown(&nowhere, lines, &query("GetThing", "{}")).await;
    assert!(told.contains("does not exist") && !told.contains(throwaway::PASSWORD), "{told}");
}

/// What a row holds of the password is not shown, and what may not be read is told as that.
#[cfg(feature = "throwaway")]
#[tokio::test]
async fn a_user_who_may_not_read_is_told_so_and_a_row_hides_the_password() {
    let tables = "CREATE TABLE secret (id TEXT); CREATE TABLE open (id TEXT); INSERT INTO open VALUES ('say canary-2 twice');\
                  DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'canary-2'; GRANT SELECT ON open TO reader";
    let Some(tables) = super::Tables::postgres(tables).await else { return };
    let address = tables.address();
    let at = address.rsplit_once('@').map(|(_, at)| at).expect("a host");
    let address = format!("postgres://reader:canary-2@{at}");
    let told =
        shown(&address, "[query.GetThing]\nsql = \"SELECT id FROM secret\"", &query("GetThing", "{}")).await;
    assert!(
        told.contains("may not read this: permission denied") && told.contains("grant it SELECT"),
        "{told}"
    );
    let told =
        shown(&address, "[query.GetThing]\nsql = \"SELECT id FROM open\"", &query("GetThing", "{}")).await;
    assert_eq!(told, r#"{"id":"say [redacted:1] twice"}"#);
}
