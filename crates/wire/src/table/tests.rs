//! What a table may look like, and what each fault costs: one row, or the table.

use domain::load::{Columns, Fault, LoadKind, Rejected};

use super::*;

const COLUMNS: Columns = Columns { required: &["a", "b"], optional: &["c"] };

type Rows = Result<Vec<Result<String, (u64, &'static str)>>, String>;

/// The rows with cells joined by `|`; of a bad one, its line and column.
fn rows(text: &[u8]) -> Rows {
    let csv = Csv::open(text, COLUMNS)?;
    let rows = csv.rows(|cells| Ok::<_, Fault>(cells.join("|")));
    rows.map(|row| match row {
        Ok(row) => Ok(Ok(row)),
        Err(Rejected::Row(bad)) => Ok(Err((bad.row, bad.fault.field))),
        Err(Rejected::Table(reason)) => Err(reason),
    })
    .collect()
}

#[test]
fn columns_line_ends_quotes_and_marks() {
    let table: [(&[u8], &[&str]); 8] = [
        (b"a,b\n1,2\n", &["1|2|"]),
        (b"\xef\xbb\xbfc,x,b,a\r\n3,,2,1\r\n", &["1|2|3"]),
        (b"a,b\r1,2\r3,4", &["1|2|", "3|4|"]),
        (b"\n\n a , b \n\n\n1, 2 \n\n", &["1|2|"]),
        (b"a,b\n\"1,\n1\",\"say \"\"2\"\"\"\n", &["1,\n1|say \"2\"|"]),
        ("a,b\n诚信,网关\n".as_bytes(), &["诚信|网关|"]),
        (b"a,b\n,\n", &["||"]),
        (b"a,b\n", &[]),
    ];
    for (text, wanted) in table {
        let wanted = wanted.iter().map(|row| Ok((*row).to_owned())).collect();
        assert_eq!(rows(text), Ok(wanted), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn a_bad_row_costs_itself_alone() {
    let open = format!("a,b\n1,\"{}\n3,4\n5,6\n", "x".repeat(ROW_BYTES_MAX));
    let many = format!("a,b\n1,2{}\n3,4\n", ",".repeat(CELLS_MAX));
    let table: [(&[u8], Rows); 8] = [
        (b"a,b\n1,2\n3,\"4\n5,6\n", Ok(vec![Ok("1|2|".to_owned()), Err((3, ""))])),
        (b"a,b\n\"1\",\"2", Ok(vec![Err((2, ""))])),
        (b"a,b\n1,\"2\"", Ok(vec![Ok("1|2|".to_owned())])),
        (b"a,b\n1\n1,2\n", Ok(vec![Err((2, "")), Ok("1|2|".to_owned())])),
        (b"a,b\r\n\r\n1,2,3\r\n1,2\r\n", Ok(vec![Err((3, "")), Ok("1|2|".to_owned())])),
        (b"a,b\n1,\xd5\xc5\n1,2\n", Ok(vec![Err((2, "b")), Ok("1|2|".to_owned())])),
        (open.as_bytes(), Ok(vec![Err((2, "")), Ok("3|4|".to_owned()), Ok("5|6|".to_owned())])),
        (many.as_bytes(), Ok(vec![Err((2, "")), Ok("3|4|".to_owned())])),
    ];
    for (text, wanted) in table {
        assert_eq!(rows(text), wanted, "{:?}", &text[..text.len().min(40)]);
    }
}

#[test]
fn a_table_that_is_none_says_what_it_lacks() {
    let long = "a".repeat(ROW_BYTES_MAX + 1);
    for (text, wanted) in [
        (&b""[..], "is empty"),
        (b"\n\r\n", "is empty"),
        (b"a,x\n1,2\n", "no column b; its columns must be a, b"),
        (b"a,b,a\n1,2,3\n", "column a twice"),
        (b"\xff\xfea\0,\0b\0", "is UTF-16"),
        (long.as_bytes(), "the header is longer"),
        (b"a,\"b\n1,2\n", "a quote that is not closed"),
    ] {
        let said = rows(text).expect_err("no table");
        assert!(said.contains(wanted), "{said}");
    }
}

/// However the bytes arrive, the rows are the same.
#[test]
fn drop_by_drop() {
    struct Drops<'b>(&'b [u8]);
    impl Read for Drops<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            self.0.take(1).read(out).inspect(|count| self.0 = &self.0[*count..])
        }
    }
    let text = b"\xef\xbb\xbfid_type,id_value,subject\r\n\r\nimei,860529038487085,s\r\nx,y,z\r\n";
    let read = |csv: Csv<Box<dyn Read>>| -> Vec<_> {
        csv.rows(|cells| LoadKind::Ids.read(cells)).collect()
    };
    let columns = LoadKind::Ids.columns();
    let whole = read(Csv::open(Box::new(&text[..]) as Box<dyn Read>, columns).expect("a table"));
    let drops = read(Csv::open(Box::new(Drops(text)) as Box<dyn Read>, columns).expect("a table"));
    assert_eq!(whole, drops);
    assert!(whole[0].is_ok() && matches!(&whole[1], Err(Rejected::Row(bad)) if bad.row == 4));
}
