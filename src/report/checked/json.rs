use super::CheckRecord;

/// How every such file begins.
pub(super) const START: &str = "{\n  \"schema\": ";

/// The record as it is, indented; `docs/schema/check-report-1.json` describes it.
pub(super) fn render(record: &CheckRecord) -> String {
    // Structs of texts, numbers and lists can't fail to become JSON.
    serde_json::to_string_pretty(record).unwrap_or_default() + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::checked::record::SCHEMA;

    #[test]
    fn the_published_schema_is_in_step() {
        let name = format!("docs/schema/check-report-{SCHEMA}.json");
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        let schema = schemars::schema_for!(CheckRecord);
        let now = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, &now).expect("the schema");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(published == now, "{name} is out of step: UPDATE_SCHEMAS=1 writes it anew");
    }
}
