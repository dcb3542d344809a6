//! `probity model predict`: a CSV in, a CSV out, block by block, in constant memory.

mod number;

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use csv::StringRecord;
use domain::scoring::card::ModelCard;
use domain::scoring::{EvaluationError, Model, ModelFormat, Scored};

use super::{read_card, read_model};
use crate::cli::output::{self, Progress};
use number::Digits17;

/// Rows that are read, scored and written at a time; then the bar moves.
const BLOCK_ROWS: usize = 4_096;

/// Rows without a score that are listed; the others are counted.
const LISTED_MAX: u64 = 10;

#[derive(Debug, Args)]
#[command(after_help = "Writes one line per row: id,raw,score with 17 significant digits, which \
    read back as the same numbers. raw is LightGBM's raw score, \
    XGBoost's margin or the scorecard's points; score is the probability or the points, with \
    --card on the card's scale. The id is the column `id` \
    or `row`, else the row's number from 1. Columns are found by their names; for trees the \
    cells are numbers, empty for missing. A row that the model cannot score gets empty cells and \
    is reported.\n\nExample:\n  probity model predict --model risk.txt --input people.csv --output \
    scores.csv")]
pub(super) struct Predict {
    /// The model: a scorecard (JSON), LightGBM's text or XGBoost's JSON
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    /// The rows, with a header (`-`: standard input)
    #[arg(long, value_name = "CSV")]
    input: PathBuf,
    /// Where the scores go (`-`: standard output)
    #[arg(long, value_name = "CSV")]
    output: PathBuf,
    /// The model's card: the file is held against it, and it says the scale
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
    /// End with an error when a row cannot be scored
    #[arg(long)]
    strict: bool,
}

/// A model and the scale that its scores are shown on.
struct Scorer {
    model: Model,
    card: Option<ModelCard>,
}

/// Where in a row the model's columns and the id stand.
struct Columns {
    id: Option<usize>,
    cells: Vec<usize>,
}

impl Predict {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let scorer = Scorer::read(&self.model, self.card.as_deref())?;
        let (input, bytes) = self.open_input()?;
        let mut reader = csv::Reader::from_reader(input);
        let shown = || format!("the input {}", self.input.display());
        let columns = Columns::find(reader.headers().with_context(shown)?, &scorer.model)?;
        let mut output = Output::new(csv::Writer::from_writer(self.open_output()?))?;
        let progress = Progress::of(bytes, "bytes");
        let mut block = vec![StringRecord::new(); BLOCK_ROWS];
        loop {
            let mut filled = 0;
            while filled < BLOCK_ROWS
                && reader.read_record(&mut block[filled]).with_context(shown)?
            {
                filled += 1;
            }
            scorer.score(&columns, &block[..filled], &mut output)?;
            progress.at(reader.position().byte());
            if filled < BLOCK_ROWS {
                break;
            }
        }
        drop(progress);
        let (rows, without) = output.finish()?;
        self.report(rows, without)
    }

    fn report(&self, rows: u64, without: u64) -> anyhow::Result<()> {
        if without > 0 && (self.strict || without == rows) {
            bail!("{without} of {rows} rows could not be scored");
        }
        let scored = rows - without;
        output::note(format_args!("{scored} rows were scored, {without} could not be"));
        Ok(())
    }

    fn open_input(&self) -> anyhow::Result<(Box<dyn Read>, u64)> {
        if self.input == Path::new("-") {
            return Ok((Box::new(io::stdin().lock()), 0));
        }
        let what = || format!("the input {}", self.input.display());
        let file = File::open(&self.input).with_context(what)?;
        let bytes = file.metadata().with_context(what)?.len();
        Ok((Box::new(BufReader::new(file)), bytes))
    }

    fn open_output(&self) -> anyhow::Result<Box<dyn Write>> {
        if self.output == Path::new("-") {
            return Ok(Box::new(io::stdout().lock()));
        }
        let same = |path: &Path| fs::canonicalize(path).ok();
        if let Some(output) = same(&self.output)
            && [&self.input, &self.model]
                .into_iter()
                .any(|input| same(input).as_ref() == Some(&output))
        {
            bail!("the output {} is a file that is read; name another", self.output.display());
        }
        let file = File::create(&self.output)
            .with_context(|| format!("the output {} cannot be written", self.output.display()))?;
        Ok(Box::new(BufWriter::new(file)))
    }
}

impl Scorer {
    fn read(model: &Path, card: Option<&Path>) -> anyhow::Result<Self> {
        let what = || format!("the model {}", model.display());
        let bytes = read_model(model)?;
        let card = card.map(read_card).transpose()?;
        let model = if let Some(card) = &card {
            card.check(&bytes).with_context(what)?
        } else {
            let format = ModelFormat::sniff(&bytes).with_context(|| {
                format!("{} is no scorecard (JSON), LightGBM text or XGBoost JSON", what())
            })?;
            Model::load(format, &bytes).with_context(what)?
        };
        Ok(Self { model, card })
    }

    /// Scores a block of rows.
    fn score(
        &self,
        columns: &Columns,
        records: &[StringRecord],
        output: &mut Output,
    ) -> anyhow::Result<()> {
        let cells = records
            .iter()
            .flat_map(|record| columns.cells.iter().map(|at| record.get(*at).map(str::trim)));
        let scored = self.model.score_rows(&cells.collect::<Vec<_>>());
        for (record, scored) in std::iter::zip(records, scored) {
            let id = columns.id.and_then(|at| record.get(at));
            output.write(id, scored.map(|scored| (scored.raw, self.shown(&scored))))?;
        }
        Ok(())
    }

    /// The score on the card's scale, else the model's own.
    fn shown(&self, scored: &Scored) -> f64 {
        let exact = self.card.as_ref().and_then(|card| card.exact(scored));
        exact.unwrap_or(scored.score)
    }
}

/// What is written, and how much of it.
struct Output {
    writer: csv::Writer<Box<dyn Write>>,
    rows: u64,
    without: u64,
}

impl Output {
    fn new(mut writer: csv::Writer<Box<dyn Write>>) -> anyhow::Result<Self> {
        writer.write_record(["id", "raw", "score"])?;
        Ok(Self { writer, rows: 0, without: 0 })
    }

    /// The line of the next row: its raw score and its score, or why there are none.
    fn write(
        &mut self,
        id: Option<&str>,
        scored: Result<(f64, f64), EvaluationError>,
    ) -> anyhow::Result<()> {
        self.rows += 1;
        let number;
        let id = if let Some(id) = id {
            id
        } else {
            number = self.rows.to_string();
            &number
        };
        match scored {
            Ok((raw, score)) => {
                let (raw, score) = (Digits17(raw).to_string(), Digits17(score).to_string());
                self.writer.write_record([id, &raw, &score])?;
            }
            Err(error) => {
                self.without += 1;
                if self.without <= LISTED_MAX {
                    output::note(format_args!("row {}: {error}", self.rows));
                }
                self.writer.write_record([id, "", ""])?;
            }
        }
        Ok(())
    }

    /// How many rows there were, and how many of them have no score.
    fn finish(mut self) -> anyhow::Result<(u64, u64)> {
        self.writer.flush()?;
        Ok((self.rows, self.without))
    }
}

impl Columns {
    fn find(header: &StringRecord, model: &Model) -> anyhow::Result<Self> {
        // A byte order mark, which spreadsheets write, is no part of the first name.
        let names: Vec<&str> =
            header.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).collect();
        let place = |wanted: &str| names.iter().position(|name| *name == wanted);
        let cells = model.feature_names().into_iter().map(|name| {
            if names.iter().filter(|other| **other == name).count() > 1 {
                bail!("the input has the column {name:?} more than once; remove one");
            }
            place(name).with_context(|| format!("the input has no column {name:?}"))
        });
        Ok(Self {
            id: place("id").or_else(|| place("row")),
            cells: cells.collect::<Result<_, _>>()?,
        })
    }
}
