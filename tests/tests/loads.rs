//! Files of ids and behaviours: taken up where they were broken off, whatever they are packed in.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, GzipLevel, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use tempfile::TempDir;
use tests::cli::text;
use tests::database::Database;
use tests::server::{Options, Output, Server};

const ROWS: usize = 20_000;
const BAD_EVERY: usize = 1_000;

/// A synthetic mobile_md5; no telephone's.
fn id(row: usize) -> String {
    format!("{row:032x}")
}

/// Ids of one person of the sandbox, every thousandth of them none.
fn ids(path: &Path, subject: &str) {
    let mut table = "id_type,id_value,subject\n".to_owned();
    for row in 1..=ROWS {
        let id = if row.is_multiple_of(BAD_EVERY) { "none".to_owned() } else { id(row) };
        writeln!(table, "mobile_md5,{id},{subject}").expect("a string grows");
    }
    fs::write(path, table).expect("the folder can be written");
}

#[test]
fn a_load_that_was_killed_goes_on() {
    for database in Database::both() {
        let server = Server::start(Options::on(database));
        let folder = TempDir::new().expect("a folder");
        let (file, bad) = (folder.path().join("ids.csv"), folder.path().join("bad.csv"));
        let load = |points: &str| {
            let arguments = ["subject", "load-ids", text(&file), "--json", "--bad", text(&bad)];
            let mut command = server.command(&arguments);
            Output::of(command.env("FAILPOINTS", points)).expect("it can be started")
        };
        ids(&file, "german-0002");
        assert_eq!(load("unit.committed=9*off->return").code, None, "{database:?}: it was killed");
        assert_eq!(load("unit.worked=9*off->return").code, None, "{database:?}: it was killed");
        let done = load("").expect_success().json();
        let resumed = done["resumed"].as_u64().expect("a number");
        assert!((1_000..ROWS as u64).contains(&resumed), "{database:?}: {resumed}");
        let counts = ["rows", "loaded", "bad_count"].map(|name| done[name].as_u64());
        assert_eq!(
            counts,
            [ROWS, ROWS - ROWS / BAD_EVERY, ROWS / BAD_EVERY].map(|n| Some(n as u64))
        );
        for (row, code) in
            [(1, 0), (resumed as usize, 0), (ROWS - 1, 0), (ROWS, 10), (ROWS + 1, 108)]
        {
            let id = if code == 10 { "none".to_owned() } else { id(row) };
            let answer = server.finplus().score("1000001", "mobile_md5", &id, &format!("r{row}"));
            assert_eq!(answer.expect("an answer").code, Some(code), "{database:?}: row {row}");
        }
        let listed = fs::read_to_string(&bad).expect("the bad rows");
        for row in (BAD_EVERY..=ROWS).step_by(BAD_EVERY) {
            let line = format!("{},id_value,is not a valid mobile_md5", row + 1);
            assert!(listed.lines().any(|listed| listed == line), "{line}: {listed}");
        }
        assert!(listed.starts_with("row,field,reason\n") && !listed.contains("none"), "{listed}");
        // A load that came to its end starts anew, and so does one of a file that was changed.
        assert_eq!(load("unit.committed=3*off->return").code, None);
        ids(&file, "german-0003");
        assert_eq!(load("").expect_success().json()["resumed"], 0, "{database:?}");
    }
}

#[test]
fn parquet_is_read_as_the_csv_would_be() {
    let server = Server::start(Options::on(Database::Sqlite));
    let folder = TempDir::new().expect("a folder");
    let load = |what: &str, file: &Path| server.cli(&["subject", what, text(file), "--json"]);
    let ids = folder.path().join("ids.csv");
    fs::write(&ids, "id_type,id_value,subject\nimei,490154203237518,from-parquet\n")
        .expect("written");
    load("load-ids", &ids).expect_success();
    let packings = [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::ZSTD(ZstdLevel::default()),
        Compression::GZIP(GzipLevel::default()),
    ];
    for packing in packings {
        let file = folder.path().join("behaviours.parquet");
        behaviours(&file, packing);
        let loaded = load("load-behaviours", &file).expect_success().json();
        assert_eq!((&loaded["loaded"], &loaded["bad_count"]), (&3.into(), &1.into()), "{loaded:#}");
        assert_eq!(
            (&loaded["bad"][0]["row"], &loaded["bad"][0]["field"]),
            (&4.into(), &"value".into())
        );
    }
    let erased =
        server.cli(&["subject", "erase", "from-parquet", "--json"]).expect_success().json();
    assert_eq!(
        (&erased["ids"], &erased["behaviours"]),
        (&1.into(), &3.into()),
        "each time the same"
    );
    for (content, wanted) in
        [(&b"PAR1 and no more"[..], "not a Parquet file"), (b"", "not a Parquet")]
    {
        let file = folder.path().join("none.parquet");
        fs::write(&file, content).expect("written");
        let refused = load("load-ids", &file);
        assert!(refused.code == Some(1) && refused.stderr.contains(wanted), "{refused:#?}");
    }
    let behaviours = folder.path().join("behaviours.parquet");
    let refused = load("load-ids", &behaviours);
    assert!(refused.stderr.contains("no column id_type"), "{refused:#?}");
}

/// Four rows, the last without a value; a column that nobody asks for; several row groups.
fn behaviours(path: &Path, packing: Compression) {
    let schema = "message rows {
        REQUIRED BYTE_ARRAY subject (UTF8);
        REQUIRED BYTE_ARRAY kind (UTF8);
        OPTIONAL BYTE_ARRAY unasked (UTF8);
        REQUIRED BYTE_ARRAY name (UTF8);
        REQUIRED INT64 at (TIMESTAMP_MILLIS);
        OPTIONAL DOUBLE value;
    }";
    let schema = Arc::new(parse_message_type(schema).expect("a schema"));
    let properties = WriterProperties::builder().set_compression(packing).build();
    let file = File::create(path).expect("the folder can be written");
    let mut writer =
        SerializedFileWriter::new(file, schema, Arc::new(properties)).expect("a writer");
    for rows in [[1_i64, 2], [3, 4]] {
        let mut group = writer.next_row_group().expect("a group");
        let texts = |all: &str| vec![ByteArray::from(all); 2];
        for (place, text) in ["from-parquet", "k", "", "n"].into_iter().enumerate() {
            let mut column = group.next_column().expect("a column").expect("there is one");
            let levels: Option<&[i16]> = (place == 2).then_some(&[0, 0]);
            let values = if place == 2 { Vec::new() } else { texts(text) };
            column.typed::<ByteArrayType>().write_batch(&values, levels, None).expect("written");
            column.close().expect("closed");
        }
        let mut column = group.next_column().expect("a column").expect("there is one");
        let at = rows.map(|row| 1_763_683_200_000 + row);
        column.typed::<Int64Type>().write_batch(&at, None, None).expect("written");
        column.close().expect("closed");
        let mut column = group.next_column().expect("a column").expect("there is one");
        let there: Vec<f64> =
            rows.into_iter().filter(|row| *row < 4).map(|row| row as f64).collect();
        let levels = rows.map(|row| i16::from(row < 4));
        column.typed::<DoubleType>().write_batch(&there, Some(&levels), None).expect("written");
        column.close().expect("closed");
        group.close().expect("closed");
    }
    writer.close().expect("closed");
}
