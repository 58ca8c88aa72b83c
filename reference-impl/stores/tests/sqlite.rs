//! What is special about SQLite: files that can't be used.

use reference_impl::SyncMode;
use reference_impl::application::{Envelope, GetOrderDetails};
use reference_stores::{OpenError, Options, StoreAddress, open};

use crate::courses::{MOMENTS, create, deliver, order};
use crate::place::{Folder, Place};

async fn refused(file: std::path::PathBuf) -> OpenError {
    let shown = file.display().to_string();
    let error =
        open(&StoreAddress::Sqlite(file), &Options::default()).await.map(|_| ()).expect_err("refused");
    assert!(error.to_string().contains(&shown), "{error}");
    error
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let folder = Folder::new();
    let error = refused(folder.0.join("nowhere").join("orders.db")).await;
    assert!(matches!(error, OpenError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_left_as_it_is() {
    let folder = Folder::new();
    let file = folder.0.join("letter.txt");
    let text = "Dear Sir or Madam, ".repeat(500);
    std::fs::write(&file, &text).expect("written");
    let error = refused(file.clone()).await;
    assert!(error.to_string().contains("not a database"), "{error}");
    assert_eq!(std::fs::read_to_string(file).expect("a text"), text);
}

async fn change(file: &std::path::Path, sql: impl sqlx::SqlSafeStr) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("connected");
    sqlx::raw_sql(sql).execute(&pool).await.expect("changed");
    pool.close().await;
}

#[tokio::test]
async fn the_file_of_a_newer_version_is_told() {
    let folder = Folder::new();
    let file = folder.0.join("orders.db");
    open(&StoreAddress::Sqlite(file.clone()), &Options::default()).await.expect("opened");
    change(&file, "INSERT INTO _sqlx_migrations VALUES (99, 'later', CURRENT_TIMESTAMP, 1, x'00', 0)").await;
    let error = refused(file).await;
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error:?}");
}

#[tokio::test]
async fn tables_of_something_else_are_left_alone() {
    let folder = Folder::new();
    let file = folder.0.join("orders.db");
    change(&file, "CREATE TABLE events (mine TEXT); INSERT INTO events VALUES ('precious')").await;
    let error = refused(file.clone()).await;
    assert!(matches!(error, OpenError::Schema { .. }), "{error:?}");
    change(&file, "DELETE FROM events WHERE mine = 'precious'").await;
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_told() {
    let folder = Folder::new();
    let other = folder.0.join("folder.db");
    std::fs::create_dir(&other).expect("a folder");
    assert!(matches!(refused(other).await, OpenError::Unreachable { .. }));
}

/// The view that other programs read.
#[tokio::test]
async fn the_view_shows_the_current_rows() {
    let place = Place::sqlite();
    let system = place.open(SyncMode::Strong).await;
    system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    system.send(Envelope::new(order(1), deliver(MOMENTS[0]))).await.expect("accepted");
    system.rebuild("order_summary").await.expect("rebuilt");
    let row = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer").value.expect("a row");
    let Place::Database { address: StoreAddress::Sqlite(file), .. } = &place else { panic!("a file") };
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(file).read_only(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.expect("connected");
    let shown: Vec<(String, String, String, i64, String, String, String)> = sqlx::query_as(
        "SELECT order_id, customer_name, total, item_count, created_at, items ->> '$[0].price', deliver_at
         FROM order_summary_view",
    )
    .fetch_all(&pool)
    .await
    .expect("rows");
    let name = row.customer_name.as_deref().unwrap_or_default().to_owned();
    let (one, delivery) = ("1".to_owned(), "2026-03-01T23:30:07.013Z".to_owned());
    let expected = (row.order.to_string(), name, one.clone(), 1, row.created_at.to_string(), one, delivery);
    assert_eq!(shown, [expected]);
}

/// Where the disk is full, SQLite ends a transaction by itself. `RAISE (ROLLBACK)` does the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_the_database_ends_is_no_end() {
    let place = Place::sqlite();
    let system = place.open(SyncMode::Strong).await;
    let Place::Database { address: StoreAddress::Sqlite(file), .. } = &place else { panic!("a file") };
    for (number, table, took_effect) in [(1, "events", false), (2, "order_summary_rows", true)] {
        let full = format!(
            "CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE (ROLLBACK, 'the disk is full'); END"
        );
        let envelope = Envelope::new(order(number), create("ann")).with_key(format!("k-{number}"));
        change(file, sqlx::AssertSqlSafe(full)).await;
        for _ in 0..3 {
            let outcome = system.send(envelope.clone()).await;
            assert!(outcome.is_err_and(|error| error.to_string().contains("the disk is full")));
        }
        let head = system.head().await.expect("the head").get();
        assert_eq!(head == u64::try_from(number).expect("small"), took_effect, "{head}");
        change(file, "DROP TRIGGER full").await;
        let receipt = system.send(envelope.clone()).await.expect("accepted");
        let shown = system.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
        assert!(shown.value.is_some() && shown.position >= receipt.position);
    }
}
