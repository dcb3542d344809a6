//! What the tests saw of each route: `tidy --seen DIR` holds it against `docs/openapi.json`.
//!
//! With `PROBITY_TEST_SEEN` set to a directory, each process writes the answers that it got there,
//! once each, as lines of path, status and code.

use std::collections::BTreeSet;
use std::env;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process;
use std::sync::{LazyLock, Mutex};

struct Seen {
    lines: BTreeSet<String>,
    file: File,
}

static SEEN: LazyLock<Option<Mutex<Seen>>> = LazyLock::new(|| {
    let folder = PathBuf::from(env::var_os("PROBITY_TEST_SEEN")?);
    fs::create_dir_all(&folder).expect("PROBITY_TEST_SEEN can be made");
    let file = folder.join(format!("{}.txt", process::id()));
    let file = File::options().create(true).append(true).open(file);
    Some(Mutex::new(Seen { lines: BTreeSet::new(), file: file.expect("a list of what was seen") }))
});

/// Notes an answer to a request of `target` (path and query), whose headers (names in lower case)
/// `header` finds.
pub fn note<'a>(target: &str, status: u16, header: impl Fn(&str) -> Option<&'a str>) {
    let Some(seen) = &*SEEN else { return };
    let Some(line) = line(target, status, header) else { return };
    let mut seen = seen.lock().expect("nobody panics with it");
    if seen.lines.insert(line.clone()) {
        writeln!(seen.file, "{line}").expect("the list can be written");
    }
}

/// Nothing when the answer is not one of a route's: the head was refused below them, or the server
/// is one of a test of the harness itself. The product's answers all forbid storing.
fn line<'a>(target: &str, status: u16, header: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    header("cache-control").filter(|value| *value == "no-store")?;
    let path = target.split('?').next().filter(|path| path.starts_with('/'))?;
    let message = || header("x-ca-error-message")?.split(", Server ").next();
    let code = header("x-biz-code").or_else(message);
    let code = code.map_or(status.to_string(), str::to_owned);
    let method = method_of(target, &code).map_or(String::new(), |method| format!("{method} "));
    Some(format!("{path} {status} {method}{code}"))
}

/// The method of face 3 that answered a code which not every method answers; clients name it in
/// the query, too.
fn method_of<'t>(target: &'t str, code: &str) -> Option<&'t str> {
    const OF_ANY: [&str; 9] =
        ["0", "100001", "100002", "100003", "100004", "100005", "100006", "100007", "508100"];
    let query = target.strip_prefix("/gateway?").filter(|_| !OF_ANY.contains(&code))?;
    query.split('&').find_map(|pair| pair.strip_prefix("func=crawler.api.zx."))
}

/// (target, status, headers, line)
#[cfg(test)]
type Case = (&'static str, u16, &'static [(&'static str, &'static str)], Option<&'static str>);

#[test]
fn an_answer_is_called_by_its_code() {
    const LOGIN: &str = "/gateway?orgid=1&func=crawler.api.zx.login";
    const SHOWN: &str = "Invalid Signature, Server StringToSign:`GET#*/*`";
    let table: [Case; 8] = [
        ("/a?b=/c", 200, &[("x-biz-code", "0")], Some("/a 200 0")),
        ("/a", 520, &[("x-biz-code", "10"), ("x-ca-error-message", "m")], Some("/a 520 10")),
        ("/a", 400, &[("x-ca-error-message", SHOWN)], Some("/a 400 Invalid Signature")),
        ("/a", 403, &[("x-ca-error-message", "Quota Exhausted")], Some("/a 403 Quota Exhausted")),
        (LOGIN, 200, &[("x-biz-code", "208101")], Some("/gateway 200 login 208101")),
        ("/gateway?func=crawler.api.zx.x", 200, &[("x-biz-code", "0")], Some("/gateway 200 0")),
        ("/readyz", 503, &[], Some("/readyz 503 503")),
        ("http://a/b", 200, &[], None),
    ];
    for (target, status, headers, expected) in table {
        let headers = [headers, &[("cache-control", "no-store")]].concat();
        let find = |name: &str| Some(headers.iter().find(|(key, _)| *key == name)?.1);
        assert_eq!(line(target, status, find).as_deref(), expected, "{target} {headers:?}");
        assert_eq!(line(target, status, |_| None), None, "not the product's");
    }
}
