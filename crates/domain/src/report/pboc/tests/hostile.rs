//! Pages made to hurt: they end in time that grows with their length, and never in a panic.

use std::time::Instant;

use super::*;

/// Shapes that a careless reader looks at again and again.
const PIECES: [&str; 16] = [
    "<",
    "<a ",
    "<a \"",
    "<!--",
    "<script>",
    "<style>",
    "&",
    "&#1114112;",
    "<td>",
    "<tr><td>x",
    "<table>",
    "<li>",
    "姓名：",
    "报告编号： ",
    "<li>2011年1月1日合成银行发放的贷记卡（人民币账户）。",
    "，年月日",
];

#[test]
#[expect(clippy::disallowed_methods, reason = "the time that it takes is what is tested")]
fn time_grows_with_the_length_alone() {
    let time = |page: &[u8]| {
        let begin = Instant::now();
        let _ = page::read(page);
        begin.elapsed()
    };
    for piece in PIECES {
        let of_length = |bytes: usize| {
            SAMPLE.replace("<ol", &format!("{}<ol", piece.repeat(bytes / piece.len())))
        };
        let long = of_length(page::BYTES_MAX - 2 * SAMPLE.len());
        let took = time(long.as_bytes());
        // Two megabytes at a tenth of the usual speed of a debug build; squared it would be hours.
        assert!(took.as_secs() < 5, "{piece:?}: {took:?}");
    }
}

#[test]
fn every_cut_of_a_page_is_survived() {
    for page in [SAMPLE, OTHER] {
        for end in 0..page.len() {
            let _ = page::read(&page.as_bytes()[..end]);
        }
    }
}
