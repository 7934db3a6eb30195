"""Two small model files that tests change: one of PKPDsim, one of Tucuxi, both of a drug that does not exist."""

from __future__ import annotations

PKPDSIM = r"""{
  // one compartment behind a depot
  "id": "pk_example",
  "description": "adults",
  "pk_code": "\
    SIZE = pow(WT/70.0, 0.75) \
    if(AGE > 60) { OLD = 0.8 } else { OLD = 1 } \
    CLi = CL * SIZE * OLD * exp(kappa_CL) \
    Vi = V * WT/70.0 ",
  "ode_code": "\
    // the gut \
    dAdt[0] = -KA*A[0] \
    dAdt[1] = KA*A[0] - (CLi/Vi)*A[1] \
    dAdt[2] = A[1]/Vi ",
  "n_comp": 3,
  "obs": { "cmt": 2, "scale": "V * WT/70.0 / 1000.0" },
  "dose": { "cmt": 1, "bioav": ["F1", 1] },
  "parameters": { "CL": 5, "V": 50, "KA": 1.5, "F1": 0.6 },
  "fixed": ["KA", "F1"],
  "omega_matrix": [0.09, 0.02, 0.04],
  "iov": { "cv": { "CL": 0.1 }, "bins": [0, 24, 9999] },
  "ruv": { "prop": 0.1, "add": 20 },
  "covariates": ["WT", "AGE"],
  "references": [{ "ref": "Nobody et al. 2026" }],
}
"""


def parameter(name: str, unit: str, value: str, spread: str = "0.3", kind: str = "exponential", code: str = "") -> str:
    script = f"<aprioriComputation><softFormula><code>{code}</code></softFormula></aprioriComputation>" if code else ""
    deviations = f"<stdDev>{spread}</stdDev>" if spread else ""
    return (
        f"<parameter><parameterId>{name}</parameterId><unit>{unit}</unit>"
        f"<parameterValue><standardValue>{value}</standardValue>{script}</parameterValue>"
        f"<bsv><bsvType>{kind if spread else 'none'}</bsvType><stdDevs>{deviations}</stdDevs></bsv></parameter>"
    )


def tucuxi(
    *,
    structure: str = "linear.1comp.macro",
    parameters: str = parameter("CL", "l/h", "4", code="return CL_population * Math.pow(bodyweight/75, 0.75);")
    + parameter("V", "l", "70"),
    correlations: str = "<correlation><param1>CL</param1><param2>V</param2><value>0.5</value></correlation>",
    absorbed: str = parameter("Ka", "h-1", "1", "") + parameter("F", "%", "0.8", ""),
    absorption: str = "extra",
    error: str = "<errorModelType>mixed</errorModelType><sigmas><sigma><standardValue>50</standardValue></sigma>"
    "<sigma><standardValue>0.2</standardValue></sigma></sigmas>",
    unit: str = "ug/l",
    constraints: str = "",
    head: str = "",
) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{head}
<model version="0.6">
 <head><drug><activeSubstances><activeSubstance>nothing</activeSubstance></activeSubstances></drug>
  <study><description><desc lang="en">an example</desc></description></study></head>
 <drugModel><drugId>nothing</drugId><drugModelId>ch.example.one</drugModelId>
  <domain><description><desc lang="en">adults</desc></description><constraints>{constraints}</constraints></domain>
  <covariates><covariate><covariateId>bodyweight</covariateId><covariateName><name lang="en">Body weight</name></covariateName>
   <unit>kg</unit><covariateType>standard</covariateType><dataType>double</dataType>
   <interpolationType>linear</interpolationType><covariateValue><standardValue>75</standardValue></covariateValue>
   <validation><errorMessage><text lang="en">outside</text></errorMessage><operation><softFormula>
    <code><![CDATA[return ((bodyweight >= 40) && (bodyweight <= 120));]]></code></softFormula></operation></validation>
  </covariate></covariates>
  <activeMoieties><activeMoiety><analytesToMoietyFormula><hardFormula>direct</hardFormula></analytesToMoietyFormula>
  </activeMoiety></activeMoieties>
  <analyteGroups><analyteGroup><groupId>nothing</groupId><pkModelId>{structure}</pkModelId>
   <analytes><analyte><analyteId>nothing</analyteId><unit>{unit}</unit><errorModel>{error}</errorModel></analyte></analytes>
   <dispositionParameters><parameters>{parameters}</parameters><correlations>{correlations}</correlations>
   </dispositionParameters></analyteGroup></analyteGroups>
  <formulationAndRoutes><formulationAndRoute><formulationAndRouteId>id0</formulationAndRouteId>
   <administrationRoute>oral</administrationRoute><absorptionModel>{absorption}</absorptionModel>
   <dosages><analyteConversions><analyteConversion><analyteId>nothing</analyteId><factor>1</factor></analyteConversion>
   </analyteConversions></dosages>
   <absorptionParameters><parameterSetAnalyteGroup><absorptionModel>{absorption}</absorptionModel>
    <parameterSet><parameters>{absorbed}</parameters><correlations/></parameterSet></parameterSetAnalyteGroup>
   </absorptionParameters></formulationAndRoute></formulationAndRoutes>
 </drugModel></model>
"""
