import pytest

from sales.job_titles import authority_of
from sales.leads import Authority

DECIDERS = """
校长|老板|老板娘|总经理|董事长|董事|执行董事|总裁|创始人|联合创始人|合伙人|法人|法定代表人|厂长|
院长|园长|行长|首席执行官|公司负责人|企业负责人|王老板|集团总裁|CEO|ＣＥＯ|ceo/创始人|
总经理兼采购部经理|區域總經理|董事長|代理总经理|个体户|Owner|Business owner|Co-owner|Founder|
Co-Founder & CEO|Managing Director|managing director, EMEA|President|Chairman|Chairwoman|
General Manager|GM|Principal|School principal|Headmaster|Head teacher|Headmistress|
Managing Partner|Proprietor|Chief Executive|Chief Executive Officer|Executive Director|
Founder and product manager|CEO兼产品经理|C.E.O.|校长（主持工作）
"""
LEADERS = """
采购经理|采购部经理|部门经理|采购部主管|采购主管|主管|经理|总监|采购总监|科长|采购科科长|主任|
办公室主任|信息中心主任|教务主任|系主任|处长|局长|部长|市场部长|负责人|采购负责人|部门负责人|
IT负责人|副总|副总经理|常务副总经理|分管副总|副校长|副院长|副总裁|总裁办主任|总经理办公室主任|
王总|采购总|财务总监|人事经理|行政经理|运营经理|销售经理|销售总监|区域经理|产品部经理|
项目部经理|客户部总监|产品总监|产品负责人|店长|护士长|秘书长|总工程师|总工|首席技术官|
首席信息官|采购Manager|董秘|董事会秘书|助理总裁|採購經理|總監|部門主任|負責人|ＣＴＯ|技术VP|
销售副总监|产品经理/研发总监|客户经理、采购部主管|Purchasing manager|Purchasing Manager|
Procurement manager|Head of Procurement|Head of IT|head, purchasing|VP|VP Sales|SVP|
Vice President|Vice President, Operations|Vice-President|Senior Vice President|V.P. of Sales|
CTO|CIO|CFO|COO|CISO|CHRO|C.T.O.|Director|IT Director|Director of Purchasing|Sales Director|
Deputy Director|Deputy General Manager|Procurement lead|Purchasing Lead|Operations lead|
IT Manager|Manager|Manager, Procurement|Office of the CEO, Director|Plant manager|Store Manager|
Sales manager|Engineering Manager|Department head|Dept. Head|Purchasing supervisor|
Financial Controller|Chief Technology Officer|Chief Procurement Officer|Vice principal|
Deputy headteacher|Dean|Person in charge|Product Manager, Head of Product|Purchasing Mgr|
Lead of procurement|Head of Product|Secretary General|HRD|Deputy GM|Secretary-General|课长
"""
NOBODY = """
产品经理|高级产品经理|客户经理|大客户经理|项目经理|高级项目经理|业务经理|渠道经理|产品經理|
項目經理|项目负责人|助理|总经理助理|董事长助理|校长助理|总裁助理|经理助理|总监助理|采购助理|
秘书|总经理秘书|董事长秘书|CEO助理|行政助理|文员|总经理办公室文员|采购员|采购专员|采购|业务员|
销售代表|前台|前端工程师|会计|出纳|实习生|管培生|工程师|老师|医生|主任医师|副主任医师|主任护师|
班主任|主管护师|主管会计|首席工程师|首席科学家|组长|班长|队长|学生|经理人|前总经理|副经理|
采购部副经理|副主任|副科长|已离职采购经理|总经办|总裁办|职员|顾问|Product manager|
Senior Product Manager|Product Marketing Manager|Project manager|Program Manager|
Account manager|Key Account Manager|Customer Success Manager|Community manager|Assistant|
Executive Assistant|Assistant to the CEO|Assistant to the CEO and Chairman|
PA to Managing Director|EA to the President|CEO's assistant|Secretary|Secretary to the director|
Assistant Manager|Deputy manager|Team lead|Tech Lead|Lead engineer|Project lead|Product owner|
Process Owner|HR Business Partner|Principal engineer|Principal Consultant|Buyer|Senior buyer|
Procurement specialist|Purchasing officer|Clerk|Intern|Management consultant|Management trainee|
Headhunter|Engineer|Sales representative|Account executive|VPN engineer|Office manager|
Office of the CEO|CEO office|former CEO|Ex-director|Receptionist|Teacher|-|?|n/a|无||
"""


def titles(listed: str) -> list[str]:
    return listed.replace("\n", "").split("|")


class TestAuthority:
    @pytest.mark.parametrize("title", titles(DECIDERS))
    def test_of_who_decides_alone(self, title: str) -> None:
        assert authority_of(title) is Authority.DECIDER

    @pytest.mark.parametrize("title", titles(LEADERS))
    def test_of_who_leads_a_department_at_least(self, title: str) -> None:
        assert authority_of(title) is Authority.MANAGER

    @pytest.mark.parametrize("title", titles(NOBODY))
    def test_is_not_read_where_the_title_does_not_show_it(self, title: str) -> None:
        assert authority_of(title) is Authority.UNKNOWN

    def test_is_not_read_in_a_story(self) -> None:
        assert authority_of("总经理" * 100) is Authority.UNKNOWN
