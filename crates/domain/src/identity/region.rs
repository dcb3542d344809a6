//! The province of an address as people write it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::PROVINCES;
use super::id_card::REGIONS;

/// The province, one of [`PROVINCES`], that an address or a region's name begins with; of an
/// address that begins with a city, the city's. Nothing when neither is known.
pub fn province_of(address: &str) -> Option<&'static str> {
    /// Cities, today's and former ones, whose name is that of one province alone.
    static CITIES: LazyLock<BTreeMap<&str, Option<&'static str>>> = LazyLock::new(|| {
        let mut cities = BTreeMap::new();
        let is_city = |code: &str, name: &str| {
            code.ends_with("00") && !code.ends_with("0000") && name.ends_with(['市', '盟', '州'])
        };
        for (code, name) in REGIONS.iter().filter(|(code, name)| is_city(code, name)) {
            let province = REGIONS.get(&format!("{}0000", &code[..2])).and_then(province);
            let one = cities.entry(name).or_insert(province);
            *one = one.filter(|known| province == Some(*known));
        }
        cities
    });
    let address = address.trim_start_matches("中国").trim_start();
    province(address).or_else(|| {
        // A city's name is sorted at or before the address that begins with it.
        let before = CITIES.range(..=address).rev().take(8);
        before.into_iter().find(|(name, _)| address.starts_with(**name)).and_then(|(_, one)| *one)
    })
}

fn province(name: &str) -> Option<&'static str> {
    PROVINCES.into_iter().find(|province| name.starts_with(province))
}
