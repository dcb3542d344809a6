//! What is publicly known of telephone numbers: whose they are and where they are from.

use std::borrow::Cow;

use crate::identity::Mobile;

/// What a number is used for, where it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Unknown,
    Bank,
    CreditCard,
    Loan,
    Collection,
    Carrier,
    Courier,
    Travel,
    Government,
    Police,
    Ambulance,
    Lawyer,
    Court,
    Macao,
}

impl Kind {
    /// `needs_type` and `company_type` of the report.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => UNKNOWN,
            Self::Bank => "银行",
            Self::CreditCard => "信用卡",
            Self::Loan => "贷款",
            Self::Collection => "催收",
            Self::Carrier => "通信服务机构",
            Self::Courier => "快递",
            Self::Travel => "铁路航空",
            Self::Government => "政府机构",
            Self::Police | Self::Ambulance => "特种服务",
            Self::Lawyer => "律师",
            Self::Court => "法院",
            Self::Macao => "澳门",
        }
    }
}

/// What reports say where nothing is known.
pub const UNKNOWN: &str = "未知";

/// What is known of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Whose it is, or [`UNKNOWN`].
    pub name: Cow<'static, str>,
    pub kind: Kind,
    /// The province, or [`UNKNOWN`].
    pub place: &'static str,
}

/// A directory of numbers. The public one is built in; the sandbox knows its own besides.
pub trait NumberBook: Send + Sync {
    /// What is known of a number in its [`normal`] form.
    fn look_up(&self, number: &str) -> Mark;
}

/// Short numbers that everybody knows, fixed lines by their area code, mobiles by their segment.
#[derive(Clone, Copy, Debug)]
pub struct PublicNumbers;

impl NumberBook for PublicNumbers {
    fn look_up(&self, number: &str) -> Mark {
        // Services are called with and without the area code of a city.
        let behind = |end: &str| number.strip_suffix(end).is_some_and(is_area);
        let known = SERVICES.iter().find(|(known, ..)| *known == number || behind(known));
        if let Some((_, name, kind)) = known {
            return Mark { name: Cow::Borrowed(name), kind: *kind, place: UNKNOWN };
        }
        let is_macao = number.starts_with("00853");
        let kind = if is_macao { Kind::Macao } else { Kind::Unknown };
        Mark { name: Cow::Borrowed(UNKNOWN), kind, place: place(number).unwrap_or(UNKNOWN) }
    }
}

/// The one spelling of a number: without the country code of China, spaces and dashes; a foreign
/// one begins with 00.
pub fn normal(number: &str) -> String {
    let plain: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let plain = plain.strip_prefix('+').map(|rest| format!("00{rest}")).unwrap_or(plain);
    let without = plain.strip_prefix("0086").or_else(|| {
        plain.strip_prefix("86").filter(|rest| rest.len() == 11 && rest.starts_with('1'))
    });
    without.map(str::to_owned).unwrap_or(plain)
}

fn is_area(head: &str) -> bool {
    (3..=4).contains(&head.len()) && place(&format!("{head}00000000")).is_some()
}

fn place(number: &str) -> Option<&'static str> {
    if let Ok(mobile) = Mobile::parse(number) {
        return mobile.segment().map(|segment| segment.province);
    }
    let area = |(heads, province): &(&str, &'static str)| {
        heads.split(' ').any(|head| number.starts_with(head)).then_some(*province)
    };
    (10..=12).contains(&number.len()).then(|| AREAS.iter().find_map(area))?
}

/// Area codes of fixed lines (MIIT's numbering plan) by their beginnings.
const AREAS: [(&str, &str); 31] = [
    ("010", "北京"),
    ("021", "上海"),
    ("022", "天津"),
    ("023", "重庆"),
    ("031 033", "河北"),
    ("034 035", "山西"),
    ("037 039", "河南"),
    ("024 041 042", "辽宁"),
    ("043 044", "吉林"),
    ("045 046", "黑龙江"),
    ("047 048", "内蒙古"),
    ("025 051 052", "江苏"),
    ("053 054 063", "山东"),
    ("055 056", "安徽"),
    ("057 058", "浙江"),
    ("059", "福建"),
    ("020 066 075 076", "广东"),
    ("027 071 072", "湖北"),
    ("073 074", "湖南"),
    ("077", "广西"),
    ("070 079", "江西"),
    ("028 081 082 083", "四川"),
    ("085", "贵州"),
    ("069 087 088", "云南"),
    ("0898 0899", "海南"),
    ("089", "西藏"),
    ("029 091", "陕西"),
    ("093 094", "甘肃"),
    ("095", "宁夏"),
    ("097", "青海"),
    ("090 099", "新疆"),
];

const SERVICES: [(&str, &str, Kind); 27] = [
    ("110", "报警电话", Kind::Police),
    ("120", "急救电话", Kind::Ambulance),
    ("10086", "中国移动客服", Kind::Carrier),
    ("10010", "中国联通客服", Kind::Carrier),
    ("10000", "中国电信客服", Kind::Carrier),
    ("95588", "中国工商银行客服", Kind::Bank),
    ("95533", "中国建设银行客服", Kind::Bank),
    ("95555", "招商银行客服", Kind::Bank),
    ("95595", "中国光大银行客服", Kind::Bank),
    ("95599", "中国农业银行客服", Kind::Bank),
    ("95566", "中国银行客服", Kind::Bank),
    ("95559", "交通银行客服", Kind::Bank),
    ("95580", "中国邮政储蓄银行客服", Kind::Bank),
    ("4008205555", "招商银行信用卡中心", Kind::CreditCard),
    ("4008895558", "中信银行信用卡中心", Kind::CreditCard),
    ("4008200588", "建设银行信用卡中心", Kind::CreditCard),
    ("95338", "顺丰速运", Kind::Courier),
    ("11183", "中国邮政EMS", Kind::Courier),
    ("95546", "韵达快递", Kind::Courier),
    ("95554", "圆通速递", Kind::Courier),
    ("12306", "中国铁路客服", Kind::Travel),
    ("95583", "中国国际航空", Kind::Travel),
    ("12345", "政务服务便民热线", Kind::Government),
    ("12333", "人力资源社会保障热线", Kind::Government),
    ("12329", "住房公积金热线", Kind::Government),
    ("12348", "公共法律服务热线", Kind::Lawyer),
    ("12368", "法院诉讼服务热线", Kind::Court),
];
