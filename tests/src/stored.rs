//! All that a deployment stores: its raw bytes, its rows, and, with its root key, the insides of
//! every sealed value, opened after ADR 0003 without the server's code.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use aws_lc_rs::hmac;
use rusqlite::types::ValueRef;

use crate::server::Server;

/// Version and nonce stand before the text.
const HEAD_LENGTH: usize = 16;

/// A cell in its bytes: a number as eight of them, as a place in a seal writes it.
type Cell = Vec<u8>;

/// A table: its columns, those among them that hold bytes, and its rows.
#[derive(Debug)]
pub struct Table {
    pub columns: Vec<String>,
    bytes: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// # Panics
    /// When there is no such column.
    pub fn cell<'r>(&self, row: &'r [Cell], column: &str) -> &'r Cell {
        let place = self.columns.iter().position(|name| name == column);
        &row[place.unwrap_or_else(|| panic!("there is no column {column}"))]
    }
}

pub type Tables = BTreeMap<String, Table>;

/// Everything that is stored, as it rests: the files of SQLite, the rows of PostgreSQL.
///
/// # Panics
/// When it cannot be read.
pub fn raw(server: &Server) -> Vec<u8> {
    if server.postgres().is_none() {
        let names = ["probity.db", "probity.db-wal"].map(|name| server.data_folder().join(name));
        return names.iter().flat_map(|path| fs::read(path).unwrap_or_default()).collect();
    }
    let tables = tables(server);
    let cells = tables.into_values().flat_map(|table| table.rows.into_iter().flatten());
    // A byte between, so that two cells do not make a word.
    cells.flat_map(|cell| [cell, vec![0]].concat()).collect()
}

/// All rows.
///
/// # Panics
/// When they cannot be read.
pub fn tables(server: &Server) -> Tables {
    let tables = match server.postgres() {
        Some(postgres) => of_postgres(&mut postgres.connect()),
        None => of_sqlite(&server.data_folder().join("probity.db")),
    };
    assert!(tables.len() > 20, "{:?}", tables.keys());
    tables
}

/// All rows of a SQLite file.
///
/// # Panics
/// When they cannot be read.
pub fn of_sqlite(path: &Path) -> Tables {
    let connection = rusqlite::Connection::open(path).expect("the file is there");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut statement = connection.prepare(sql).expect("legal");
    let names = statement.query_map([], |row| row.get(0)).expect("runs");
    let names: Vec<String> = names.collect::<Result<_, _>>().expect("texts");
    let table = |name: String| {
        let texts = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).expect("legal");
            let texts = statement.query_map([&name], |row| row.get(0)).expect("runs");
            texts.collect::<Result<_, _>>().expect("texts")
        };
        let columns = texts("SELECT name FROM pragma_table_info(?1) ORDER BY cid");
        let bytes = texts("SELECT name FROM pragma_table_info(?1) WHERE type = 'BLOB'");
        let mut statement = connection.prepare(&format!("SELECT * FROM {name}")).expect("legal");
        let cell = |value: ValueRef<'_>| match value {
            ValueRef::Integer(number) => number.to_be_bytes().to_vec(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            _ => Vec::new(),
        };
        let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<Vec<Cell>> {
            (0..columns.len()).map(|at| row.get_ref(at).map(cell)).collect()
        };
        let rows = statement.query_map([], read).expect("runs");
        let rows = rows.collect::<Result<_, _>>().expect("readable");
        (name, Table { columns, bytes, rows })
    };
    names.into_iter().map(table).collect()
}

fn of_postgres(client: &mut postgres::Client) -> Tables {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let names: Vec<String> =
        client.query(sql, &[]).expect("runs").iter().map(|row| row.get(0)).collect();
    let mut table = |name: String| {
        let statement = client.prepare(&format!("SELECT * FROM {name}")).expect("legal");
        let kind = |column: &postgres::Column| column.type_().name().to_owned();
        let bytes = statement.columns().iter().filter(|column| kind(column) == "bytea");
        let bytes = bytes.map(|column| column.name().to_owned()).collect();
        let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let cell = |row: &postgres::Row, at: usize| -> Cell {
            match kind(&statement.columns()[at]).as_str() {
                "int8" => row.get::<_, Option<i64>>(at).map(|n| n.to_be_bytes().to_vec()),
                "text" => row.get::<_, Option<String>>(at).map(String::into_bytes),
                _ => row.get(at),
            }
            .unwrap_or_default()
        };
        let rows = client.query(&statement, &[]).expect("runs");
        let rows = rows.iter().map(|row| (0..row.len()).map(|at| cell(row, at)).collect());
        let rows = rows.collect();
        (name, Table { columns, bytes, rows })
    };
    names.into_iter().map(&mut table).collect()
}

/// Under which key a column is sealed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Under {
    Root,
    Data,
    Person,
}

/// Every sealed column, the key, the name of its place (of a table `keys`: the purpose) and the
/// columns that name the row.
const SEALED: [(&str, &str, Under, &str, &[&str]); 17] = [
    ("keys", "sealed", Under::Root, "", &["version"]),
    ("subject_keys", "sealed", Under::Data, "subject_keys", &["subject"]),
    ("credentials", "sealed", Under::Data, "credentials", &["id"]),
    ("providers", "secret", Under::Data, "providers", &["name"]),
    ("operators", "password", Under::Data, "operators.password", &["id"]),
    ("operators", "totp", Under::Data, "operators.totp", &["id"]),
    ("answers", "sealed", Under::Data, "answers", &["biz"]),
    ("explanations", "sealed", Under::Data, "explanations", &["biz"]),
    ("batch_chunks", "input", Under::Data, "batch_chunks.input", &["batch", "chunk"]),
    ("batch_chunks", "output", Under::Data, "batch_chunks.output", &["batch", "chunk"]),
    ("callbacks", "sealed", Under::Data, "callbacks", &["id"]),
    ("consents", "evidence", Under::Person, "consents", &["id"]),
    ("sessions", "sealed", Under::Person, "sessions", &["open_id"]),
    ("datasets", "sealed", Under::Person, "datasets", &["open_id"]),
    ("applications", "sealed", Under::Person, "applications", &["open_id"]),
    ("application_contents", "sealed", Under::Person, "application_contents", &["open_id"]),
    ("decisions", "sealed", Under::Person, "decisions", &["open_id", "number"]),
];

/// Columns of bytes that are not sealed: keyed hashes, numbers of calls, proofs, and models.
const OPEN: &str = "batch_chunks.batch batches.content batches.id batches.name blacklist.hash \
    calls.biz calls.fingerprint checkpoints.hash checkpoints.signature answers.biz \
    explanations.biz inquiries.biz inquiries.subject journal.biz journal.hash behaviours.subject \
    id_mappings.id_hash id_mappings.subject models.body tokens.digest subject_keys.subject \
    sessions.subject datasets.subject consents.subject consents.account resends.mobile \
    unmasked_views.subject callbacks.id callbacks.lane callbacks.subject \
    callback_attempts.callback resolutions.biz login_locks.login operator_tokens.digest \
    audit_log.hash policies.body policies.signature applications.subject \
    applications.fingerprint application_contents.subject decisions.subject devices.device \
    devices.subject overrides.subject";

/// The opened keys of a deployment.
#[derive(Debug)]
pub struct Vault {
    data: BTreeMap<u32, hmac::Key>,
    persons: HashMap<Cell, hmac::Key>,
}

impl Vault {
    /// Opens the keys of `tables` with the root key, as its file spells it.
    ///
    /// # Panics
    /// When a key does not open.
    pub fn open(root_key: &str, tables: &Tables) -> Self {
        let root: Vec<u8> = hex::decode(root_key.trim()).expect("hexadecimal digits");
        let mut wrapping = [0; 32];
        Salt::new(HKDF_SHA256, b"probity root 1")
            .extract(&root)
            .expand(&[b"wrapping"], HKDF_SHA256)
            .and_then(|key| key.fill(&mut wrapping))
            .expect("32 bytes can be had");
        let (wrapping, keys) = (mac(&wrapping), &tables["keys"]);
        let data = keys.rows.iter().filter(|row| keys.cell(row, "purpose") == b"data");
        let data = data.map(|row| {
            let version = u32_of(&keys.cell(row, "version")[4..]);
            let sealed = keys.cell(row, "sealed");
            let key = open(&wrapping, (b"data", &version.to_be_bytes()), sealed);
            (version, mac(&key.expect("the root key opens its keys")))
        });
        let mut vault = Self { data: data.collect(), persons: HashMap::new() };
        let persons = &tables["subject_keys"];
        for row in &persons.rows {
            let (subject, sealed) = (persons.cell(row, "subject"), persons.cell(row, "sealed"));
            let key = open(vault.data_key(sealed), (b"subject_keys", subject), sealed);
            vault.persons.insert(subject.clone(), mac(&key.expect("the person's key opens")));
        }
        vault
    }

    /// What is inside every sealed value but keys, each with its column.
    ///
    /// # Panics
    /// When a value does not open that should, or a column of bytes is not known here.
    pub fn opened(&self, tables: &Tables) -> Vec<(&'static str, Vec<u8>)> {
        check_columns(tables);
        let mut opened = Vec::new();
        for (name, column, under, place, row_columns) in SEALED {
            let table = &tables[name];
            for row in &table.rows {
                let sealed = table.cell(row, column);
                let id: Vec<u8> =
                    row_columns.iter().flat_map(|column| table.cell(row, column).clone()).collect();
                let key = match under {
                    Under::Root => continue,
                    _ if sealed.is_empty() => continue,
                    Under::Data => self.data_key(sealed),
                    Under::Person => match self.persons.get(table.cell(row, "subject")) {
                        Some(key) => key,
                        // The person was erased: nobody can open it.
                        None => continue,
                    },
                };
                let plain = open(key, (place.as_bytes(), &id), sealed);
                let plain = plain.unwrap_or_else(|| panic!("{name}.{column} is broken"));
                opened.extend(self.enclosed(&id, &plain).map(|inside| (name, inside)));
                opened.push((name, plain));
            }
        }
        opened
    }

    /// An answer about a person, which stands in another one of the status 1 without headers: the
    /// person's hash, then what the person's key has sealed. Nothing when the person was erased.
    fn enclosed(&self, biz: &[u8], answer: &[u8]) -> Option<Vec<u8>> {
        const HEAD: [u8; 4] = [0, 1, 0, 0];
        let body = answer.strip_prefix(&HEAD)?.get(4..)?;
        let (subject, sealed) = body.split_at_checked(32)?;
        let key = self.persons.get(subject)?;
        Some(open(key, (b"answers", biz), sealed).expect("it was sealed for its place"))
    }

    /// Seals a text for a place as the server would: what a leak would look like.
    pub fn seal(&self, place: (&str, &[u8]), plain: &[u8]) -> Vec<u8> {
        let (version, key) = self.data.last_key_value().expect("a data key");
        seal((key, *version), place, plain)
    }

    /// What a person's key has sealed for a place, edited and sealed again: what somebody could
    /// write who has all the keys.
    ///
    /// # Panics
    /// When it does not open.
    pub fn resealed(
        &self,
        subject: &[u8],
        place: (&str, &[u8]),
        sealed: &[u8],
        edit: impl FnOnce(Vec<u8>) -> Vec<u8>,
    ) -> Vec<u8> {
        let key = &self.persons[subject];
        let plain = open(key, (place.0.as_bytes(), place.1), sealed);
        let plain = edit(plain.expect("it was sealed for its place"));
        seal((key, u32_of(sealed)), place, &plain)
    }

    fn data_key(&self, sealed: &[u8]) -> &hmac::Key {
        &self.data[&u32_of(sealed)]
    }
}

/// That each column of bytes is known here as sealed or as open: a new one must be decided about.
fn check_columns(tables: &Tables) {
    let sealed = SEALED.iter().map(|(table, column, ..)| format!("{table}.{column}"));
    let known: Vec<String> = sealed.chain(OPEN.split(' ').map(str::to_owned)).collect();
    for (name, table) in tables {
        for column in &table.bytes {
            let column = format!("{name}.{column}");
            assert!(known.contains(&column), "is {column} sealed?");
        }
    }
}

fn mac(key: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key)
}

fn u32_of(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(*bytes.first_chunk().expect("four bytes"))
}

fn open(key: &hmac::Key, place: (&[u8], &[u8]), sealed: &[u8]) -> Option<Vec<u8>> {
    let (version, nonce) = (sealed.first_chunk::<4>()?, sealed.get(4..HEAD_LENGTH)?);
    let mut text = sealed[HEAD_LENGTH..].to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = subkey(key, place).open_in_place(nonce, Aad::from(*version), &mut text);
    plain.ok().map(|plain| plain.to_vec())
}

fn seal((key, version): (&hmac::Key, u32), place: (&str, &[u8]), plain: &[u8]) -> Vec<u8> {
    let (nonce, mut sealed) = ([7; 12], plain.to_vec());
    subkey(key, (place.0.as_bytes(), place.1))
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(version.to_be_bytes()),
            &mut sealed,
        )
        .expect("a short text");
    [&version.to_be_bytes()[..], &nonce, &sealed].concat()
}

fn subkey(key: &hmac::Key, (place, row): (&[u8], &[u8])) -> LessSafeKey {
    let mut context = hmac::Context::with_key(key);
    context.update(&(place.len() as u64).to_be_bytes());
    context.update(place);
    context.update(row);
    let key = UnboundKey::new(&AES_256_GCM, context.sign().as_ref());
    LessSafeKey::new(key.expect("32 bytes are a key"))
}
