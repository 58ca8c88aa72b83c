//! What is special about PostgreSQL: servers that can't be used, and hearing of each other.

use std::time::Duration;

use reference_impl::SyncMode;
use reference_impl::application::{Envelope, GetOrderDetails};
use reference_impl::store::Position;
use reference_stores::{OpenError, Options, StoreAddress, open};
use sqlx::Row as _;
use throwaway::server;

use crate::courses::{MOMENTS, append, at, create, created, deliver, order};
use crate::place::Place;

async fn refused(url: &str) -> OpenError {
    let address: StoreAddress = url.parse().expect("an address");
    let error = open(&address, &Options::default()).await.map(|_| ()).expect_err("refused");
    let text = format!("{error} {error:?}");
    assert!(!text.contains("s3cret") && !text.contains("throw-away"), "{text}");
    assert!(text.contains(&address.to_string()), "{text}");
    error
}

#[tokio::test]
async fn nobody_there_is_told_at_once() {
    // Nothing listens on a port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    drop(listener);
    let error = refused(&format!("postgres://ann:s3cret@127.0.0.1:{port}/orders")).await;
    assert!(matches!(&error, OpenError::Unreachable { reason, .. } if reason.contains("refused")), "{error}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let error = refused(&format!("postgres://ann:s3cret@127.0.0.1:{port}/orders")).await;
    assert!(matches!(&error, OpenError::Unreachable { reason, .. } if reason.contains("in time")), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_told() {
    let Some(server) = server() else { return };
    let url = server.database().await.replace("throw-away", "s3cret");
    if url.contains("s3cret") {
        let error = refused(&url).await;
        assert!(matches!(error, OpenError::Denied { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let Some(server) = server() else { return };
    let error = refused(&format!("{}_nowhere", server.database().await)).await;
    assert!(error.to_string().ends_with("does not exist (3D000)"), "{error}");
}

async fn change(url: &str, sql: &'static str) {
    let pool = sqlx::PgPool::connect(url).await.expect("connected");
    sqlx::raw_sql(sql).execute(&pool).await.expect("changed");
    pool.close().await;
}

#[tokio::test]
async fn the_schema_of_a_newer_version_is_told() {
    let Some(server) = server() else { return };
    let url = server.database().await;
    open(&url.parse().expect("an address"), &Options::default()).await.expect("opened");
    change(&url, "INSERT INTO _sqlx_migrations VALUES (99, 'later', now(), true, '\\x00', 0)").await;
    let error = refused(&url).await;
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error:?}");
}

#[tokio::test]
async fn tables_of_something_else_are_left_alone() {
    let Some(server) = server() else { return };
    let url = server.database().await;
    change(&url, "CREATE TABLE events (mine TEXT); INSERT INTO events VALUES ('precious')").await;
    let error = refused(&url).await;
    assert!(matches!(error, OpenError::Schema { .. }), "{error:?}");
    let pool = sqlx::PgPool::connect(&url).await.expect("connected");
    let tables =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_sqlx_migrations'";
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&pool).await.expect("a number");
    assert_eq!(tables, 1, "the step that failed has left nothing");
}

/// The view that other programs read, on a server.
#[tokio::test]
async fn the_view_shows_the_current_rows() {
    let Some(place) = Place::postgres().await else { return };
    let system = place.open(SyncMode::Strong).await;
    system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    system.send(Envelope::new(order(1), deliver(MOMENTS[0]))).await.expect("accepted");
    system.rebuild("order_summary").await.expect("rebuilt");
    let row = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer").value.expect("a row");
    let pool = sqlx::PgPool::connect(place.url()).await.expect("connected");
    let shown = sqlx::query(
        "SELECT order_id::text, customer_name, total::text, item_count, items -> 0 ->> 'price',
                to_char(created_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'),
                to_char(deliver_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM order_summary_view",
    );
    let shown = shown.fetch_one(&pool).await.expect("a row");
    let text = |index: usize| shown.get::<String, _>(index);
    assert_eq!((text(0), Some(text(1).as_str())), (row.order.to_string(), row.customer_name.as_deref()));
    assert_eq!((text(2), shown.get::<i64, _>(3), text(4)), ("1".to_owned(), 1, "1".to_owned()));
    assert_eq!((text(5), text(6).as_str()), (row.created_at.to_string(), "2026-03-01T23:30:07.013Z"));
}

/// The server lets go of every connection: what is asked meanwhile may fail, what is asked then does not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_is_made_again() {
    let Some(place) = Place::postgres().await else { return };
    let reader = place.stores().await.write.events;
    let writer = place.stores().await.write.events;
    let name = place.url().rsplit('/').next().expect("a name").to_owned();
    for round in 1..=3_u128 {
        let cut = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        );
        server().expect("the server").run(&cut).await;
        let mut outcome = None;
        // Each of the pool's connections may turn out to be one that was lost.
        for _ in 0..20 {
            outcome = writer.append(append(round, order(round), at(0), vec![created("c")])).await.ok();
            if outcome.is_some() {
                break;
            }
        }
        let position = Position::new(u64::try_from(round).expect("small"));
        assert_eq!(outcome.map(|appended| appended.position), Some(position));
        let mut heads = reader.subscribe();
        let heard =
            tokio::time::timeout(Duration::from_secs(30), heads.wait_for(|head| *head >= position)).await;
        assert!(heard.is_ok_and(|heard| heard.is_ok()), "the other one hears of it again");
    }
}
