//! `probity report parse` and `probity sandbox people`: pages of the credit bureau.

use std::fs;

use tempfile::TempDir;
use tests::cli::{run, text};

fn fixture(name: &str) -> String {
    format!("{}/../crates/domain/fixtures/pboc/{name}", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_page_is_read_to_a_record_and_the_answer_of_view_report() {
    let read = run(&["report", "parse", &fixture("sample.html"), "--json"]).expect_success().json();
    let (record, report) = (&read["record"], &read["report"]);
    assert_eq!(record["accounts"].as_array().map(Vec::len), Some(7));
    assert_eq!(record["accounts"][1]["used"], "3152.00");
    assert_eq!(report["informatonAbstract"]["creditCard"]["B"], 5);
    assert_eq!(report["overdue"]["message"], "您有 2 条违约记录");
    assert_eq!(report["interpretation"]["detail"][0]["type"], 5);
    assert_eq!(read["disagreements"].as_array().map(Vec::len), Some(0));
}

/// Names and numbers are masked unless asked for; what was not read is said on standard error.
#[test]
fn persons_are_masked_and_what_was_not_read_is_listed() {
    let page = fixture("other.html");
    let masked = run(&["report", "parse", &page]).expect_success();
    let clear = run(&["report", "parse", &page, "--unmask"]).expect_success();
    assert!(clear.stdout.contains("合成某 护照 E0") && !masked.stdout.contains("合成某"));
    assert!(masked.stderr.contains("资产处置信息") && masked.stderr.contains("新的一种账户"));
    assert!(masked.stderr.contains("says 购房贷款 账户数 2, the sentences come to 1"));
    assert!(masked.stdout.contains("[not all of it was read]"), "{}", masked.stdout);
    let json = run(&["report", "parse", &page, "--json"]).expect_success().json();
    let guarantee = &json["record"]["guarantees"][0];
    assert_eq!((&guarantee["name"], json.to_string().contains("合成乙")), (&"合*".into(), false));
}

#[test]
fn what_is_wrong_with_a_page_is_named() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    let sample = fs::read_to_string(fixture("sample.html")).unwrap();
    for (content, said) in [
        ("<p>登录</p>".to_owned(), "this is no credit report: it has no 报告编号"),
        (sample.replace("2015.06.30 23:52:15", "2015.06.31 23:52:15"), "查询时间 cannot be read"),
        (" ".repeat(3 << 20), "the page is larger than 2 MiB"),
    ] {
        fs::write(&page, content).unwrap();
        let refused = run(&["report", "parse", text(&page)]);
        assert!(refused.code == Some(1) && refused.stderr.contains(said), "{refused:#?}");
    }
    let absent = run(&["report", "parse", "no-such-page.html"]);
    assert!(absent.code == Some(1) && absent.stderr.contains("no-such-page.html"), "{absent:#?}");
}

/// Everybody of the bureau is marked, and the page of each reads back.
#[test]
fn people_of_the_bureau_are_listed_and_their_pages_read() {
    let listed = run(&["sandbox", "people", "--json"]).expect_success().json();
    let people = listed["people"].as_array().expect("a list");
    assert_eq!((people.len(), &listed["synthetic"]), (134, &true.into()));
    assert!(people.iter().all(|one| one["synthetic"] == true));
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    for one in people.iter().step_by(33) {
        let login_name = one["login_name"].as_str().expect("a name");
        fs::write(&page, run_raw(&["sandbox", "page", login_name])).unwrap();
        let read = run(&["report", "parse", text(&page), "--json", "--unmask"]);
        let head = read.expect_success().json()["record"]["head"].clone();
        assert_eq!((&head["name"], &head["id_number"]), (&one["name"], &one["id_card"]));
    }
    let nobody = run(&["sandbox", "page", "nobody"]);
    assert!(nobody.code == Some(1) && nobody.stderr.contains("probity sandbox people"));
}

/// Standard output as bytes: the page is GBK.
fn run_raw(arguments: &[&str]) -> Vec<u8> {
    let mut command = std::process::Command::new(tests::process::binary());
    command.args(arguments).output().expect("the binary can be started").stdout
}
