//! Schemas: the same on both databases, applied once, never of the future.

use std::collections::BTreeMap;
use std::sync::Arc;

use store::{DatabaseUrl, StoreError, migrations};

use super::database::{Database, blocking, on_both, on_postgres, on_sqlite};
use super::samples::START;

on_both!(a_newer_schema_is_refused, opening_again_changes_nothing, two_opens_at_once);

async fn a_newer_schema_is_refused(database: Arc<Database>) {
    blocking(|| database.open("a").close());
    database.run_sql("INSERT INTO schema_migrations (version, applied_at) VALUES (99, 0)");
    let Err(StoreError::Unusable(text)) = database.try_open("b") else {
        panic!("a schema of the future was opened")
    };
    let known = format!("knows up to {}", migrations::latest());
    assert!(text.contains("schema 99") && text.contains(&known), "{text}");
}

async fn opening_again_changes_nothing(database: Arc<Database>) {
    blocking(|| database.open("a").close());
    let (before, store) = (schema(&database), database.open("b"));
    assert_eq!(before, schema(&database));
    let rows = store.read("versions", |tx| {
        tx.query("SELECT version, applied_at FROM schema_migrations ORDER BY version", &[])
    });
    let rows = rows.await.expect("reads");
    let versions: Vec<_> = rows.iter().map(|row| row.int(0).expect("a number")).collect();
    assert_eq!(versions, (1..=migrations::latest()).collect::<Vec<_>>());
    assert!(rows.iter().all(|row| row.int(1).ok() == Some(START.0)));
}

async fn two_opens_at_once(database: Arc<Database>) {
    let mut tasks = tokio::task::JoinSet::new();
    for node in ["a", "b", "c", "d"] {
        let database = Arc::clone(&database);
        tasks.spawn_blocking(move || database.try_open(node).map(|_| ()));
    }
    for opened in tasks.join_all().await {
        opened.expect("they take turns");
    }
}

/// A table: its columns (name, type class, may be null), and its unique keys with the first of
/// them marked when it is the primary key.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: Vec<(String, &'static str, bool)>,
    primary: Vec<String>,
    unique: Vec<Vec<String>>,
    indexes: BTreeMap<String, Vec<String>>,
}

type Schema = BTreeMap<String, Table>;

#[test]
fn the_schemas_are_equal_column_by_column() {
    let sqlite = schema_of(on_sqlite);
    let Some(sqlite) = sqlite else { panic!("SQLite is always there") };
    assert!(sqlite.len() > 15 && sqlite.contains_key("journal"), "{:?}", sqlite.keys());
    let Some(postgres) = schema_of(on_postgres) else {
        return;
    };
    let names = |schema: &Schema| schema.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    for (name, table) in &sqlite {
        assert_eq!(table, &postgres[name], "table {name}");
    }
}

type Test = Box<dyn FnOnce(Arc<Database>) -> std::pin::Pin<Box<dyn Future<Output = ()>>>>;

fn schema_of(on: impl FnOnce(Test)) -> Option<Schema> {
    let (sender, receiver) = std::sync::mpsc::channel();
    on(Box::new(move |database| {
        Box::pin(async move {
            blocking(|| database.open("a").close());
            sender.send(schema(&database)).expect("somebody waits");
        })
    }));
    receiver.try_recv().ok()
}

fn schema(database: &Database) -> Schema {
    blocking(|| match &database.url {
        DatabaseUrl::Sqlite(path) => {
            sqlite_schema(&rusqlite::Connection::open(path).expect("the file opens"))
        }
        DatabaseUrl::Postgres { .. } => postgres_schema(&mut database.client()),
    })
}

fn class(name: &str) -> &'static str {
    match name {
        "INTEGER" | "bigint" => "int",
        "TEXT" | "text" => "text",
        "BLOB" | "bytea" => "bytes",
        other => panic!("{other} is not one of the three types"),
    }
}

fn sqlite_schema(connection: &rusqlite::Connection) -> Schema {
    let strings = |sql: &str, name: &str| -> Vec<Vec<String>> {
        let mut statement = connection.prepare(sql).expect("prepares");
        let columns = statement.column_count();
        let read = |row: &rusqlite::Row<'_>| (0..columns).map(|at| row.get(at)).collect();
        let rows = statement.query_map([name], read).expect("runs");
        rows.collect::<Result<_, _>>().expect("reads")
    };
    let tables = strings("SELECT name FROM sqlite_schema WHERE type = ?1", "table");
    let tables = tables.into_iter().map(|mut row| row.remove(0));
    tables.map(|name| (name.clone(), sqlite_table(&name, &strings))).collect()
}

fn sqlite_table(name: &str, strings: &dyn Fn(&str, &str) -> Vec<Vec<String>>) -> Table {
    let mut table = Table::default();
    let sql =
        "SELECT name, type, CAST(\"notnull\" AS TEXT) FROM pragma_table_info(?1) ORDER BY cid";
    for row in strings(sql, name) {
        table.columns.push((row[0].clone(), class(&row[1]), row[2] == "0"));
    }
    let sql = "SELECT name FROM pragma_table_info(?1) WHERE pk > 0 ORDER BY pk";
    table.primary = strings(sql, name).into_iter().flatten().collect();
    let sql = "SELECT name, origin FROM pragma_index_list(?1) ORDER BY name";
    for row in strings(sql, name) {
        let sql = "SELECT name FROM pragma_index_info(?1) ORDER BY seqno";
        let columns = strings(sql, &row[0]).into_iter().flatten().collect();
        match row[1].as_str() {
            "u" => table.unique.push(columns),
            "c" => drop(table.indexes.insert(row[0].clone(), columns)),
            _ => {}
        }
    }
    table
}

fn postgres_schema(client: &mut postgres::Client) -> Schema {
    let mut schema = Schema::new();
    let sql = "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES',
                      COALESCE(collation_name, '')::text
               FROM information_schema.columns WHERE table_schema = 'public'
               ORDER BY table_name, ordinal_position";
    for row in client.query(sql, &[]).expect("runs") {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        let class = class(row.get(2));
        let collation: &str = row.get(4);
        assert!(class != "text" || collation == "C", "{table}.{column}: {collation:?}");
        schema.entry(table).or_default().columns.push((column, class, row.get(3)));
    }
    let sql = "SELECT t.relname::text, i.relname::text, x.indisprimary, x.indisunique,
                      ARRAY(SELECT a.attname::text FROM UNNEST(x.indkey) WITH ORDINALITY k (n, at)
                            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.n
                            ORDER BY k.at)
               FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
               JOIN pg_class t ON t.oid = x.indrelid
               JOIN pg_namespace s ON s.oid = t.relnamespace WHERE s.nspname = 'public'
               ORDER BY 2";
    for row in client.query(sql, &[]).expect("runs") {
        let (name, columns): (String, Vec<String>) = (row.get(1), row.get(4));
        let table = schema.entry(row.get(0)).or_default();
        match (row.get(2), row.get(3)) {
            (true, _) => table.primary = columns,
            (_, true) => table.unique.push(columns),
            _ => drop(table.indexes.insert(name, columns)),
        }
    }
    schema
}
