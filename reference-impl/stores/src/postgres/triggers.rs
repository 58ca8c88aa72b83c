//! Triggers that show orders in the rows of read models. Their functions are part of the schema.

use sqlx::postgres::PgPool;

use crate::defect::StorePoint;

/// Which triggers are there now.
const THERE: &str = "
    SELECT tgname::text FROM pg_trigger
    WHERE tgrelid IN ('orders'::regclass, 'store'::regclass) AND NOT tgisinternal AND tgname LIKE '%show%'
    ORDER BY tgname";

const DROP: &str = "
    DROP TRIGGER IF EXISTS head_shows ON store;
    DROP TRIGGER IF EXISTS orders_show ON orders;
    DROP TRIGGER IF EXISTS orders_show_changed ON orders;
    DROP TRIGGER IF EXISTS orders_show_new ON orders";

const HEAD: &str = "
    CREATE TRIGGER head_shows AFTER UPDATE OF head ON store FOR EACH ROW EXECUTE FUNCTION show_head()";

const PER_ROW: &str = "
    CREATE TRIGGER orders_show AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION show_order()";

const PER_STATEMENT: &str = "
    CREATE OR REPLACE FUNCTION show_one_order() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    DECLARE
        one orders%ROWTYPE;
    BEGIN
        SELECT * INTO one FROM changed LIMIT 1;
        IF FOUND THEN
            PERFORM show_order_row(one);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER orders_show_new AFTER INSERT ON orders
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION show_one_order();
    CREATE TRIGGER orders_show_changed AFTER UPDATE ON orders
        REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION show_one_order()";

/// Makes the triggers, or drops them, unless it is so already, and does to the schema what else the point asks for.
/// Nobody appends meanwhile.
pub(super) async fn set(pool: &PgPool, wanted: bool, point: &dyn StorePoint) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT head FROM store FOR UPDATE").execute(&mut *transaction).await?;
    let there: Vec<String> = sqlx::query_scalar(THERE).fetch_all(&mut *transaction).await?;
    let (names, make): (&[&str], &[&str]) = match (wanted, point.trigger_per_statement()) {
        (false, _) => (&[], &[]),
        (true, false) => (&["head_shows", "orders_show"], &[HEAD, PER_ROW]),
        (true, true) => (&["head_shows", "orders_show_changed", "orders_show_new"], &[HEAD, PER_STATEMENT]),
    };
    if there != names {
        sqlx::raw_sql(DROP).execute(&mut *transaction).await?;
        for statement in make {
            sqlx::raw_sql(*statement).execute(&mut *transaction).await?;
        }
    }
    for statement in point.opening() {
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
