pub(crate) fn error(e: &anyhow::Error) { eprintln!("error: {e:#}"); }
