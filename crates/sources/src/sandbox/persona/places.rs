//! Capitals of the provinces: where the people of the sandbox live and travel.

use domain::identity::PROVINCES;

/// In the order of [`PROVINCES`].
const CAPITALS: [&str; 31] = [
    "北京",
    "天津",
    "石家庄",
    "太原",
    "呼和浩特",
    "沈阳",
    "长春",
    "哈尔滨",
    "上海",
    "南京",
    "杭州",
    "合肥",
    "福州",
    "南昌",
    "济南",
    "郑州",
    "武汉",
    "长沙",
    "广州",
    "南宁",
    "海口",
    "重庆",
    "成都",
    "贵阳",
    "昆明",
    "拉萨",
    "西安",
    "兰州",
    "西宁",
    "银川",
    "乌鲁木齐",
];

pub(super) fn capital(province: &str) -> &'static str {
    let at = PROVINCES.iter().position(|known| *known == province);
    CAPITALS[at.unwrap_or_default()]
}

impl super::Persona {
    /// Where the person is on a day: at home, or for some days of a week in another city.
    pub(super) fn place_on(&self, day: domain::time::Day) -> &'static str {
        let week = day.0.div_euclid(7);
        let mut draws = self.draws("travel", week);
        let is_away = draws.chance(0.08);
        let (destination, first, days) =
            (draws.pick(&CAPITALS), draws.below(4), 1 + draws.below(3));
        let at = day.0.rem_euclid(7) as u64;
        if is_away && (first..first + days).contains(&at) { destination } else { self.city }
    }
}
