use super::*;
use crate::policy::fuzz::{rows, scope};
use crate::time::Timestamp;

/// 2026-11-21 08:00 in Shanghai.
const NOW: Timestamp = Timestamp(1_795_219_200_000_000);

/// Evaluates over the known row of the fuzz targets: n 5, t 'abc', b true, l [1, 2, 30] …
fn shown(source: &str) -> String {
    over(source, 1)
}

fn over(source: &str, row: usize) -> String {
    let scope = scope();
    let read = match Expression::read(source, &scope) {
        Ok(read) => read,
        Err(error) => return format!("refused: {}", error.within(source)),
    };
    read.evaluate(&mut Frame::new(&rows()[row], NOW, 0)).to_string()
}

/// Expression and value, one a line, after the public test suite of ZEN (see the fixture's README).
#[test]
fn as_zen_does() {
    let table = include_str!("../../../fixtures/policy/zen.txt");
    let mut count = 0;
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let (source, value) = line.rsplit_once(" => ").expect("source => value");
        assert_eq!(shown(source.trim()), value.trim(), "{source}");
        count += 1;
    }
    assert!(count > 150, "{count}");
}

/// Cells over a column of numbers or texts: cell, subject, value.
#[test]
fn cells_as_zen_does() {
    let table = include_str!("../../../fixtures/policy/zen-unary.txt");
    let scope = scope();
    for line in table.lines().filter(|line| !line.is_empty() && !line.starts_with("//")) {
        let (cell, rest) = line.split_once(" | ").expect("cell | subject => value");
        let (subject, value) = rest.split_once(" => ").expect("subject => value");
        let column = Expression::read(subject.trim(), &scope).unwrap();
        let read = Expression::read_cell(cell.trim(), &scope, Some(&column))
            .unwrap_or_else(|error| panic!("{cell}: {error}"));
        let row = &rows()[1];
        let mut frame = Frame::new(row, NOW, 0);
        frame.subject = column.evaluate(&mut frame);
        assert_eq!(read.evaluate(&mut frame).to_string(), value.trim(), "{line}");
    }
}

/// Kleene's tables: u is not known (row 0 has no values).
#[test]
fn three_valued() {
    for (source, value) in [
        ("b and true", "unknown"),
        ("b and false", "false"),
        ("false and b", "false"),
        ("true and b", "unknown"),
        ("b or true", "true"),
        ("b or false", "unknown"),
        ("false or b", "unknown"),
        ("not b", "unknown"),
        ("not (b and false)", "true"),
        ("b or not b", "unknown"),
        ("n == 5", "unknown"),
        ("n != 5", "unknown"),
        ("n > 5", "unknown"),
        ("n in [1..2]", "unknown"),
        ("n not in [1, 2]", "unknown"),
        ("1 in [1, n]", "true"),
        ("2 in [1, n]", "unknown"),
        ("n + 1", "unknown"),
        ("n * 0", "unknown"),
        ("-n", "unknown"),
        ("n ?? 7", "7"),
        ("n == null", "true"),
        ("n != null", "false"),
        ("n == null or n > 5", "true"),
        ("b ? 1 : 2", "unknown"),
        ("max([1, n])", "unknown"),
        ("sum([1, n])", "unknown"),
        ("some([1, 2], # > n)", "unknown"),
        ("some([true, b], #)", "true"),
        ("all([false, b], #)", "false"),
        ("all([true, b], #)", "unknown"),
        ("none([true, b], #)", "false"),
        ("one([true, true, b], #)", "false"),
        ("one([true, b], #)", "unknown"),
        ("count([true, b], #)", "unknown"),
        ("len([n, n])", "2"),
        ("len(t)", "unknown"),
        ("1 / 0", "unknown"),
        ("1 % 0", "unknown"),
        ("2 ^ 0.5", "unknown"),
        ("9999999999999999999999999999 + 1", "unknown"),
        ("(1 / 0) ?? 3", "3"),
    ] {
        assert_eq!(over(source, 0), value, "{source}");
    }
}

#[test]
fn dates_of_shanghai() {
    for (source, value) in [
        ("year(date('2026-01-01'))", "2026"),
        ("monthOfYear(date('2026-12-31 23:59:59'))", "12"),
        ("dayOfMonth(date('2026-11-20T16:00:00Z'))", "21"),
        ("dayOfWeek(d('2026-11-22'))", "7"),
        ("date('now') - date('2026-11-20 08:00:00') == duration('1d')", "true"),
        ("d() > d('2026-11-21')", "true"),
        ("date('2026-01-31') + duration('1d') == date('2026-02-01')", "true"),
        ("(d('2026-11-21') - w) / duration('1d')", "0"),
        ("duration('1d') * 1.5 == duration('36h')", "true"),
        ("w in [d('2026-11-01')..d('2026-12-01'))", "true"),
        ("date('9999-12-31') + duration('1d')", "unknown"),
        ("date(t)", "unknown"),
    ] {
        assert_eq!(shown(source), value, "{source}");
    }
}

/// What is refused says where, what was expected and what to do.
#[test]
fn refused_in_words() {
    for (source, words) in [
        ("", "expected a value, found the end, at character 1"),
        ("n >", "expected a value, found the end, at character 4"),
        ("n > 5 b", "expected an operator such as `and` or the end, found `b`"),
        ("(n > 5", "expected `)` to close the parenthesis, found the end"),
        ("n = 5", "`=` is not of this language: compare with `==`"),
        ("n > 5 && b", "`&&` is not of this language: write `and`"),
        ("n > 5，b", "`，` is a full-width sign"),
        ("t == 'abc", "has no closing '"),
        ("t > 5", "`>` cannot compare a text with a number, at character 5"),
        ("t == 5", "`==` cannot compare a text with a number"),
        ("1 < n < 3", "`<` cannot compare true/false with a number"),
        ("n and b", "a condition is needed before `and`, found a number"),
        ("x.z > 1", "there is no `x.z`; similar: x.y"),
        ("sore > 1", "there is no `sore` among the inputs and results"),
        ("n in [5..1]", "the smaller end first"),
        ("n in ['a']", "`in` needs an interval or a list for a number"),
        ("n + 'a'", "`+` cannot join a number and a text"),
        ("b ? 1 : 'a'", "both results must be alike"),
        ("n == 5 ? b : null", "`null` only asks whether a value is missing"),
        ("rand(100) > 5", "`rand` is not allowed: it would give another decision each time"),
        ("matches(t, 'a+')", "patterns take unbounded time"),
        ("lenght(t)", "there is no function `lenght`; similar: len"),
        ("startswith(t, 'a')", "similar: startsWith"),
        ("max(1, 2)", "`max` is called so: max(list), for example max([a, b])"),
        ("date('2026-02-30')", "'2026-02-30' is no date"),
        ("some(l, #)", "`some` needs a condition about each element"),
        ("# > 1", "`#` is the element inside"),
        ("l[0]", "elements by number are not allowed"),
        ("t.upper()", "methods are not allowed"),
        ("n.y", "there is no `n.y`"),
        ("some(r, #.day > 1)", "there is no field `day`; there are days, kind"),
        ("some(l, some(l, some(l, # > 1)))", "a loop inside a loop"),
        ("{a: 1}", "records cannot be written"),
        ("`a`", "template texts are not allowed"),
        ("[]", "an empty list"),
        ("12abc", "a number with letters behind it"),
        ("1e99 > n", "not a decimal number"),
        ("$ > 1", "`$` is the column's value"),
    ] {
        let said = shown(source);
        assert!(said.starts_with("refused: ") && said.contains(words), "{source}: {said}");
    }
}

/// Long, deep and wide sources are refused, and none overflows the stack.
#[test]
fn hostile_sources() {
    for source in [
        "n".repeat(SOURCE_MAX + 1),
        format!("{}1{}", "(".repeat(900), ")".repeat(900)),
        "- ".repeat(900) + "1",
        "not ".repeat(400) + "b",
        "2^".repeat(900) + "1",
        "b ? 1 : ".repeat(200) + "1",
        "1+".repeat(900) + "1",
        "[".repeat(1900),
        "some(l, ".repeat(200),
        "(".repeat(1000) + "1..2" + &"]".repeat(900),
        "\u{0}".to_owned(),
        "'\u{10ffff}".to_owned(),
    ] {
        assert!(shown(&source).starts_with("refused"), "{}", &source[..source.len().min(40)]);
    }
    // As wide as is allowed.
    assert_eq!(shown(&("1+".repeat(190) + "1")), "191");
    // A text cannot grow without end.
    assert_eq!(shown("len(map(l, t + t + t))"), "3");
}

/// The budget ends everything, and what it ends is unknown.
#[test]
fn budget() {
    let scope = scope();
    let read = Expression::read("count(l, # > 0) == 3", &scope).unwrap();
    let rows = rows();
    let mut frame = Frame::new(&rows[1], NOW, STEPS_MAX - 3);
    assert_eq!(read.evaluate(&mut frame), Value::Unknown);
    let mut frame = Frame::new(&rows[1], NOW, 0);
    assert_eq!(read.evaluate(&mut frame), Value::Boolean(true));
    assert_eq!(frame.steps(), 13);
}

#[test]
fn evidence_names_what_was_seen() {
    let scope = scope();
    let told = |source: &str, row: usize| {
        let read = Expression::read(source, &scope).unwrap();
        let rows = rows();
        let evidence = read.evidence(&mut Frame::new(&rows[row], NOW, 0), &scope);
        let one = |one: &Evidence| {
            format!("{} ({}) {} {}", one.field, one.value, one.operator, one.bound)
        };
        evidence.iter().map(one).collect::<Vec<_>>().join("; ")
    };
    for (source, row, words) in [
        ("n > 3 and t == 'abc'", 1, "n (5) > 3; t ('abc') == 'abc'"),
        ("n > 9 or t == 'abc'", 1, "t ('abc') == 'abc'"),
        ("not (n > 9)", 1, "n (5) <= 9"),
        ("n not in [6..9]", 1, "n (5) not in [6..9]"),
        ("not b or n > 1", 2, "b (false) is false"),
        ("n > x.y", 1, "n (5) > x.y = 0.5"),
        ("count(l, # > 1) >= 2", 1, "count(l, # > 1) (2) >= 2"),
        ("n > 3 and t == 'abc'", 0, "n (unknown) > 3; t (unknown) == 'abc'"),
        ("(n ?? 9) > 3", 0, "(n ?? 9) (9) > 3"),
    ] {
        assert_eq!(told(source, row), words, "{source}");
    }
}
