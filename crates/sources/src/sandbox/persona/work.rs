//! What a person learned and lives on.

use domain::dataset::Fen;

use super::Stream;

/// Levels of education, from none upwards, as CHSI prints them.
pub(super) const LEVELS: [&str; 4] = ["", "专科", "本科", "硕士研究生"];

/// Employment and education: better quality, more of both.
pub struct Work {
    /// Who pays, under a name that is marked as made up.
    pub employer: String,
    /// Paid every month; none without work.
    pub salary: Option<Fen>,
    /// Day of the month on which it is paid, 1 to 28.
    pub pay_day: u32,
    /// The highest level of education: 0 none, 1 专科, 2 本科, 3 硕士.
    pub level: usize,
}

impl Work {
    pub(super) fn new(seed: u64, quality: f64, age: i32, city: &str) -> Self {
        let mut draws = Stream::new(seed, "work", 0);
        let talent = 0.7 * quality + 0.3 * draws.unit();
        let level = match age {
            25.. if talent > 0.75 => 3,
            22.. if talent > 0.45 => 2,
            21.. if talent > 0.2 => 1,
            _ => 0,
        };
        let trades = ["软件", "商贸", "制造", "物流", "餐饮", "医药", "建筑", "教育"];
        let is_retired = age >= 60;
        let employer = if is_retired {
            format!("合成养老金中心（{city}）")
        } else {
            format!("合成{}有限公司（{city}）", draws.pick(&trades))
        };
        let risk = 1.0 - quality;
        let is_jobless = age < 18 || draws.chance(0.2 * risk * risk);
        let yuan = 3_000.0
            + (2_000.0 + 11_000.0 * quality) * draws.between(0.5, 1.3)
            + 900.0 * level as f64;
        let salary = if is_retired { yuan * 0.6 } else { yuan };
        Self {
            employer,
            salary: (!is_jobless).then_some(Fen((salary / 10.0) as i64 * 1_000)),
            pay_day: 5 + draws.below(20) as u32,
            level,
        }
    }
}
