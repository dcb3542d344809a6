//! Text to tokens of the expression language, with their places.

use super::super::decimal::Decimal;
use super::SyntaxError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Number(Decimal),
    Text(String),
    /// A name, a keyword, `$` or `#`.
    Word(String),
    Symbol(&'static str),
    End,
}

impl std::fmt::Display for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write!(f, "'{text}'"),
            Self::Word(word) => write!(f, "`{word}`"),
            Self::Symbol(symbol) => write!(f, "`{symbol}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Longer ones first: the first that fits is taken.
const SYMBOLS: [&str; 24] = [
    "==", "!=", "<=", ">=", "..", "??", "<", ">", "+", "-", "*", "/", "%", "^", "(", ")", "[", "]",
    ",", ".", "?", ":", "{", "}",
];

/// Symbols of other languages, and what to write here.
const FOREIGN: [(&str, &str); 8] = [
    ("=", "compare with `==`"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("&", "write `and`"),
    ("|", "write `or`"),
    ("!", "write `not`"),
    ("`", "template texts are not allowed: put texts together with `+`"),
    ("；", "one expression has no `;`"),
];

/// The tokens and the byte each begins at; the last one is the end.
pub(super) fn tokens(source: &str) -> Result<Vec<(Token, usize)>, SyntaxError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let (token, length) = match first {
            _ if first.is_whitespace() => {
                at += first.len_utf8();
                continue;
            }
            '\'' | '"' => text(rest, first).ok_or_else(|| {
                SyntaxError::new(at, format!("the text that begins here has no closing {first}"))
            })?,
            '0'..='9' => number(rest).map_err(|message| SyntaxError::new(at, message))?,
            '$' | '#' => (Token::Word(first.to_string()), 1),
            _ if first.is_ascii_alphabetic() || first == '_' => {
                let word = leading(rest, |c| c.is_ascii_alphanumeric() || c == '_');
                (Token::Word(word.to_owned()), word.len())
            }
            _ => symbol(rest).ok_or_else(|| strange(rest, first, at))?,
        };
        tokens.push((token, at));
        at += length;
    }
    tokens.push((Token::End, source.len()));
    Ok(tokens)
}

fn leading(rest: &str, belongs: impl Fn(char) -> bool) -> &str {
    &rest[..rest.find(|c| !belongs(c)).unwrap_or(rest.len())]
}

/// A quote inside a text is written with the other kind of quotes around it.
fn text(rest: &str, quote: char) -> Option<(Token, usize)> {
    let end = rest[1..].find(quote)?;
    Some((Token::Text(rest[1..=end].to_owned()), end + 2))
}

/// `1_000`, `0.5`, `2.5e-2`; in `1..10` the number ends before the points.
fn number(rest: &str) -> Result<(Token, usize), String> {
    let mut length = leading(rest, |c| c.is_ascii_digit() || c == '_').len();
    let after = |length: usize| rest[length..].strip_prefix('.').map(|tail| leading(tail, digit));
    if let Some(fraction) = after(length).filter(|fraction| !fraction.is_empty()) {
        length += 1 + fraction.len();
    }
    if let Some(tail) = rest[length..].strip_prefix(['e', 'E']) {
        let signed = tail.strip_prefix(['+', '-']).unwrap_or(tail);
        let digits = leading(signed, digit);
        if !digits.is_empty() {
            length += 1 + tail.len() - signed.len() + digits.len();
        }
    }
    if rest[length..].starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err("a number with letters behind it; names begin with a letter".to_owned());
    }
    let plain = rest[..length].replace(['_', '+'], "");
    let read = plain.parse().map_err(|error| format!("`{}` is {error}", &rest[..length]))?;
    Ok((Token::Number(read), length))
}

fn digit(c: char) -> bool {
    c.is_ascii_digit()
}

fn symbol(rest: &str) -> Option<(Token, usize)> {
    let symbol = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol))?;
    Some((Token::Symbol(symbol), symbol.len()))
}

fn strange(rest: &str, first: char, at: usize) -> SyntaxError {
    let foreign = FOREIGN.iter().find(|(symbol, _)| rest.starts_with(symbol));
    let message = match foreign {
        Some((symbol, instead)) => format!("`{symbol}` is not of this language: {instead}"),
        None if "，。（）【】“”‘’：？＞＜＝".contains(first) => {
            format!("`{first}` is a full-width sign: write the half-width one")
        }
        None => format!("`{first}` cannot stand here; texts are written in quotes"),
    };
    SyntaxError::new(at, message)
}
