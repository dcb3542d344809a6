//! Single values by name.

use crate::{StoreError, Tx};

/// Rises with every change that nodes keep in memory; they look at it twice a second.
pub const CONFIGURATION_VERSION: &str = "configuration_version";
/// How far the sandbox's clock is ahead, in microseconds.
pub const SANDBOX_CLOCK_OFFSET_US: &str = "sandbox_clock_offset_us";
/// Tells a wrong root key (hexadecimal).
pub const KEY_CHECK: &str = "key_check";

pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, StoreError> {
    let row = tx.first("SELECT value FROM settings WHERE name = ?1", &[name.into()])?;
    row.map(|row| row.text(0).map(str::to_owned)).transpose()
}

pub fn set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO settings (name, value) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        &[name.into(), value.into()],
    )?;
    Ok(())
}

/// A setting that is a number; 0 when it was never set.
pub fn number(tx: &mut Tx<'_>, name: &str) -> Result<i64, StoreError> {
    let text = get(tx, name)?.unwrap_or_else(|| "0".to_owned());
    text.parse().map_err(|_| StoreError::Corrupt(format!("setting {name} is not a number")))
}

/// Tells every node to read the configuration again; part of each unit that changes it.
pub fn touch_configuration(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let version = number(tx, CONFIGURATION_VERSION)? + 1;
    set(tx, CONFIGURATION_VERSION, &version.to_string())
}
