//! A mainland mobile number: 1, 3 to 9, nine digits.

use std::sync::LazyLock;

use super::{IdentityFault, digits, masked, table};
use crate::secret::Private;

/// Who a segment of numbers was given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Carrier {
    Mobile,
    Unicom,
    Telecom,
    TelecomVirtual,
    UnicomVirtual,
    MobileVirtual,
}

impl Carrier {
    /// In the order of the table's bytes.
    const ALL: [Self; 6] = [
        Self::Mobile,
        Self::Unicom,
        Self::Telecom,
        Self::TelecomVirtual,
        Self::UnicomVirtual,
        Self::MobileVirtual,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Mobile => "中国移动",
            Self::Unicom => "中国联通",
            Self::Telecom => "中国电信",
            Self::TelecomVirtual => "中国电信虚拟运营商",
            Self::UnicomVirtual => "中国联通虚拟运营商",
            Self::MobileVirtual => "中国移动虚拟运营商",
        }
    }
}

/// In the order of the table's bytes.
pub const PROVINCES: [&str; 31] = [
    "北京",
    "天津",
    "河北",
    "山西",
    "内蒙古",
    "辽宁",
    "吉林",
    "黑龙江",
    "上海",
    "江苏",
    "浙江",
    "安徽",
    "福建",
    "江西",
    "山东",
    "河南",
    "湖北",
    "湖南",
    "广东",
    "广西",
    "海南",
    "重庆",
    "四川",
    "贵州",
    "云南",
    "西藏",
    "陕西",
    "甘肃",
    "青海",
    "宁夏",
    "新疆",
];

/// What the first seven digits tell. A number that was ported keeps its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    pub carrier: Carrier,
    pub province: &'static str,
}

const FIRST_SEGMENT: usize = 1_300_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mobile(Private<String>);

impl Mobile {
    pub fn parse(text: &str) -> Result<Self, IdentityFault> {
        match digits(text, 11..=11)? {
            [b'1', b'3'..=b'9', ..] => Ok(Self(Private::new(text.to_owned()))),
            _ => Err(IdentityFault::Prefix),
        }
    }

    /// The segment of the number, when the table knows it.
    pub fn segment(&self) -> Option<Segment> {
        static SEGMENTS: LazyLock<Vec<u8>> =
            LazyLock::new(|| table::unpack(include_bytes!("../../data/mobile_segments.bin.gz")));
        let segment: usize = self.expose()[..7].parse().ok()?;
        let byte = usize::from(*SEGMENTS.get(segment.checked_sub(FIRST_SEGMENT)?)?);
        let at = byte.checked_sub(1)?;
        Some(Segment { carrier: Carrier::ALL[at % 6], province: PROVINCES.get(at / 6)? })
    }

    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What the keyed look-up hash is made of.
    pub fn canonical(&self) -> Private<String> {
        self.0.clone()
    }

    /// `138****5678`.
    pub fn masked(&self) -> String {
        masked(self.expose(), 3, 4)
    }
}
