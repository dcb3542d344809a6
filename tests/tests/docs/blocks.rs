//! The code blocks of a document, told apart by their kind (the head of `docs.rs` lists them).

/// Why a block may stay unrun. None of them holds for a command of the binary alone.
const REASONS: [&str; 3] =
    ["builds the project", "changes the machine", "needs a database cluster or servers of its own"];

/// What snippets are run with; a machine may lack it, the continuous integration may not.
const PROGRAMS: [&str; 4] = ["node", "python3", "java", "php"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Run,
    Server,
    Postgres,
    /// Is run when the program `name` is there.
    Program,
    /// Becomes the file `name`.
    File,
    Output,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The line of the fence, from 1.
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// The blocks of a document that matter here, or what is wrong with one.
pub(crate) fn blocks(document: &str) -> Result<Vec<Block>, String> {
    let mut blocks = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let indent = line.len() - line.trim_start().len();
        let Some(info) = line.trim_start().strip_prefix("```") else { continue };
        let inside = lines.by_ref().map(|(_, line)| line);
        let inside = inside.take_while(|line| line.trim() != "```");
        let text: Vec<&str> = inside.map(|line| line.get(indent..).unwrap_or("")).collect();
        let (language, name) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
        let kind = match (language, name) {
            ("sh", "") => Kind::Run,
            ("sh", "server") => Kind::Server,
            ("sh", "postgres") => Kind::Postgres,
            ("sh", name) if PROGRAMS.contains(&name) => Kind::Program,
            ("js" | "json" | "python" | "java" | "php", name) if name.contains('.') => Kind::File,
            ("text" | "json", "output") => Kind::Output,
            // The latter are read by the domain's own test (`the_guide_is_true`).
            ("text" | "json" | "toml" | "csv" | "ini", "")
            | ("text", "expressions" | "refused") => continue,
            _ => {
                let info = info.trim();
                unrun(info, &text).map_err(|why| format!("line {}: {why}", at + 1))?;
                continue;
            }
        };
        blocks.push(Block { kind, name: name.to_owned(), line: at + 1, text: text.join("\n") });
    }
    Ok(blocks)
}

/// Whether a block is rightly not run.
fn unrun(info: &str, text: &[&str]) -> Result<(), String> {
    let Some(reason) = info.strip_prefix("sh no-run: ") else {
        return Err(format!("a block of kind {info:?}; see the head of tests/tests/docs.rs"));
    };
    if !REASONS.contains(&reason) {
        return Err(format!("{reason:?} is no reason; there are {REASONS:?}"));
    }
    if text.iter().all(|line| line.starts_with("probity ") || line.starts_with('#')) {
        return Err("only commands of the binary: run them".to_owned());
    }
    Ok(())
}

/// Whether `text` is `pattern` with something in the place of each `…`. Spaces are not compared.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let bare = |text: &str| -> String { text.split_whitespace().collect() };
    let (pattern, text) = (bare(pattern), bare(text));
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

#[test]
fn blocks_are_told_apart() {
    let kinds = |text: &str| -> Result<Vec<(Kind, usize)>, String> {
        Ok(blocks(text)?.into_iter().map(|block| (block.kind, block.line)).collect())
    };
    let text =
        "a\n```sh\nx\n```\n```json output\n{}\n```\n```toml\ny\n```\n  ```sh server\n  z\n  ```";
    assert_eq!(kinds(text), Ok(vec![(Kind::Run, 2), (Kind::Output, 5), (Kind::Server, 11)]));
    let named = blocks("```js a.mjs\nx\n```\n```sh node\nnode a.mjs\n```").unwrap();
    let named: Vec<_> = named.iter().map(|block| (block.kind, &*block.name)).collect();
    assert_eq!(named, [(Kind::File, "a.mjs"), (Kind::Program, "node")]);
    assert_eq!(blocks("  ```sh\n  a\n    b\n  ```").unwrap()[0].text, "a\n  b");
    let refused = [
        ("```bash\nx\n```", "a block of kind"),
        ("```python\nx\n```", "a block of kind"),
        ("```sh perl\nx\n```", "a block of kind"),
        ("```\nx\n```", "a block of kind"),
        ("```sh no-run: no time\nx\n```", "is no reason"),
        ("```sh no-run: changes the machine\nprobity demo\n```", "only commands of the binary"),
    ];
    for (text, why) in refused {
        let wrong = kinds(text).unwrap_err();
        assert!(wrong.contains(why), "{text}: {wrong}");
    }
    assert_eq!(kinds("```sh no-run: builds the project\n./test\n```"), Ok(vec![]));
}

#[test]
fn outputs_match_with_gaps() {
    for (pattern, text, wanted) in [
        ("a b", "a  b\n", true),
        ("a", "ab", false),
        ("a…c", "a b c", true),
        ("a…c", "a b d", false),
        ("…b…d…", "abcd", true),
        ("…d…b…", "abcd", false),
        ("x…", "abcd", false),
    ] {
        assert_eq!(matches(pattern, text), wanted, "{pattern:?} {text:?}");
    }
}
