//! Triggers that show orders in the rows of read models. Their functions are part of the schema.

use sqlx::postgres::PgPool;

/// The triggers that are there now.
const THERE: &str = "
    SELECT count(*) FROM pg_trigger
    WHERE tgname IN ('orders_show', 'head_shows') AND tgrelid IN ('orders'::regclass, 'store'::regclass)";

const MAKE: &str = "
    DROP TRIGGER IF EXISTS orders_show ON orders;
    DROP TRIGGER IF EXISTS head_shows ON store;
    CREATE TRIGGER orders_show AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION show_order();
    CREATE TRIGGER head_shows AFTER UPDATE OF head ON store FOR EACH ROW EXECUTE FUNCTION show_head()";

const DROP: &str = "
    DROP TRIGGER IF EXISTS orders_show ON orders;
    DROP TRIGGER IF EXISTS head_shows ON store";

/// Makes the triggers, or drops them, unless it is so already. Nobody appends meanwhile.
pub(super) async fn set(pool: &PgPool, wanted: bool) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    sqlx::query("SELECT head FROM store FOR UPDATE").execute(&mut *transaction).await?;
    let there: i64 = sqlx::query_scalar(THERE).fetch_one(&mut *transaction).await?;
    if there != if wanted { 2 } else { 0 } {
        sqlx::raw_sql(if wanted { MAKE } else { DROP }).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
