-- For wrk: POSTs the resources of a file in turn, one a line as "Type<tab>JSON".
local requests, at = {}, 0

function init(args)
  wrk.headers["Content-Type"] = "application/fhir+json"
  for line in io.lines(args[1]) do
    local kind, body = line:match("^(%a+)\t(.*)$")
    requests[#requests + 1] = wrk.format("POST", "/fhir/" .. kind, nil, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
