//! The shapes of what was collected, as real consumers read them (`qiancheng.md`, Data shapes).

use serde_json::Value;

/// That an object has each of these keys, separated by blanks.
///
/// # Panics
/// When one is missing.
#[track_caller]
pub fn has_keys(object: &Value, keys: &str) {
    for key in keys.split(' ') {
        assert!(object.get(key).is_some(), "{key} is missing in {object}");
    }
}

/// The only or first of a list.
///
/// # Panics
/// When the list is empty or none.
#[track_caller]
pub fn first<'v>(object: &'v Value, key: &str) -> &'v Value {
    object[key].get(0).unwrap_or_else(|| panic!("{key} is empty in {object}"))
}

/// How many there are.
#[track_caller]
pub fn length(object: &Value, key: &str) -> usize {
    object[key].as_array().unwrap_or_else(|| panic!("{key} is no list in {object}")).len()
}
