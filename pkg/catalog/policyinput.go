package catalog

// PolicyInput returns the template as policies see it: the `template` member
// of docs/schemas/policy-input.schema.json. It is the manifest as written, but
// with sizes in bytes and times in seconds; what the manifest does not state, or states with the
// wrong type, is absent. The caller owns the maps, but not what functions,
// parameters and smoke cases share with the manifest.
func (t *Template) PolicyInput() map[string]any {
	files := make([]any, 0, len(t.Files))
	for _, f := range t.Files {
		files = append(files, map[string]any{"path": f.Path, "kind": string(f.Kind), "size": f.Size})
	}
	input := map[string]any{
		"name":     t.Name,
		"manifest": t.Manifest.policyInput(),
		"terms":    wei(t.Manifest.Terms),
		"files":    files,
		"readme":   t.Readme,
	}
	for name, problems := range map[string][]Problem{
		"schemaProblems": t.Manifest.SchemaProblems(), "smokeProblems": t.Manifest.SmokeProblems(),
	} {
		putList(input, name, problems, func(p Problem) any { return map[string]any{"path": p.Path, "message": p.Message} })
	}
	if t.Logo != nil {
		input["logo"] = map[string]any{"format": t.Logo.Format, "width": t.Logo.Width, "height": t.Logo.Height}
	}
	return input
}

func wei(terms Terms) map[string]any {
	m := map[string]any{}
	if terms.MinPayment.Given() {
		m["minPaymentWei"] = terms.MinPayment.Wei().String()
	}
	if terms.MinAvailableLockup.Given() {
		m["minAvailableLockupWei"] = terms.MinAvailableLockup.Wei().String()
	}
	return m
}

func (m *Manifest) policyInput() map[string]any {
	input := texts("name", m.Name, "version", m.Version, "title", m.Title, "description", m.Description,
		"logo", m.Logo, "license", m.License, "homepage", m.Homepage)
	putList(input, "maintainers", m.Maintainers, func(p Maintainer) any {
		return texts("name", p.Name, "email", p.Email, "github", p.GitHub)
	})
	putList(input, "keywords", m.Keywords, func(s string) any { return s })
	input["terms"] = m.Terms.policyInput()
	environments := map[string]any{}
	for _, environment := range m.Environments.List() {
		environments[environment.String()] = map[string]any{"hardware": m.Environments.Get(environment).Hardware.policyInput()}
	}
	input["environments"] = environments
	functions := map[string]any{}
	for name, f := range m.Functions {
		functions[name] = f.policyInput()
	}
	input["functions"] = functions
	parameters := map[string]any{}
	for name, p := range m.Parameters {
		parameters[name] = p.policyInput()
	}
	input["parameters"] = parameters
	if m.Service != nil {
		input["service"] = texts("image", m.Service.Image)
	}
	if m.Smoke != nil {
		input["smoke"] = m.Smoke.policyInput()
	}
	putList(input, "unpinned", m.Unpinned, func(u Unpinned) any { return texts("image", u.Image, "reason", u.Reason) })
	putList(input, "waivers", m.Waivers, func(w Waiver) any {
		return texts("rule", w.Rule, "environment", w.Environment, "service", w.Service, "reason", w.Reason, "expires", w.Expires)
	})
	return input
}

func (t Terms) policyInput() map[string]any {
	input := map[string]any{"deliveryMethod": t.DeliveryMethod.String(), "privacyEnabled": t.PrivacyEnabled}
	if t.MinPayment.Given() {
		input["minPayment"] = t.MinPayment.text
	}
	if t.MinAvailableLockup.Given() {
		input["minAvailableLockup"] = t.MinAvailableLockup.text
	}
	if t.MaxExpiryDuration != 0 {
		input["maxExpiryDuration"] = t.MaxExpiryDuration
	}
	return input
}

func (h Hardware) policyInput() map[string]any {
	input := texts("computeCapability", h.ComputeCapability, "driver", h.Driver)
	for name, size := range map[string]Size{"vram": h.VRAM, "ram": h.RAM, "disk": h.Disk} {
		if size != 0 {
			input[name] = int64(size)
		}
	}
	if h.CPUs != 0 {
		input["cpus"] = h.CPUs
	}
	putList(input, "gfx", h.GFX, func(s string) any { return s })
	return input
}

func (f Function) policyInput() map[string]any {
	input := texts("description", f.Description)
	if f.Input != nil {
		input["input"] = f.Input
	}
	if f.Output != nil {
		input["output"] = f.Output
	}
	example := map[string]any{}
	if f.Example.Input != nil {
		example["input"] = f.Example.Input
	}
	if f.Example.Output != nil {
		example["output"] = f.Example.Output
	}
	input["example"] = example
	return input
}

func (p Parameter) policyInput() map[string]any {
	input := texts("description", p.Description, "type", string(p.Type), "pattern", p.Pattern)
	if p.Default != nil {
		input["default"] = p.Default
	}
	if p.Enum != nil {
		input["enum"] = p.Enum
	}
	if p.Minimum != nil {
		input["minimum"] = *p.Minimum
	}
	if p.Maximum != nil {
		input["maximum"] = *p.Maximum
	}
	if p.MaxLength != nil {
		input["maxLength"] = *p.MaxLength
	}
	putList(input, "with", p.With, func(s string) any { return s })
	putList(input, "targets", p.Targets, func(t Target) any {
		return texts("service", t.Service, "variable", t.Variable, "key", t.Key)
	})
	return input
}

func (s *Smoke) policyInput() map[string]any {
	input := map[string]any{}
	if s.Ready != 0 {
		input["ready"] = s.Ready.seconds()
	}
	putList(input, "cases", s.Cases, func(c SmokeCase) any { return c.policyInput() })
	return input
}

func (c SmokeCase) policyInput() map[string]any {
	input := texts("name", c.Name, "function", c.Function)
	putList(input, "environments", c.Environments, func(s string) any { return s })
	if c.Input != nil {
		input["input"] = c.Input
	}
	if c.Timeout != 0 {
		input["timeout"] = c.Timeout.seconds()
	}
	expect := map[string]any{}
	if c.Expect.Status != 0 {
		expect["status"] = c.Expect.Status
	}
	if c.Expect.Schema != nil {
		expect["schema"] = c.Expect.Schema
	}
	if c.Expect.Equals.Given {
		expect["equals"] = c.Expect.Equals.JSON
	}
	if c.Expect.Includes.Given {
		expect["includes"] = c.Expect.Includes.JSON
	}
	input["expect"] = expect
	return input
}

// texts makes a map of names and texts, leaving out the empty ones.
func texts(namesAndTexts ...string) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(namesAndTexts); i += 2 {
		if namesAndTexts[i+1] != "" {
			m[namesAndTexts[i]] = namesAndTexts[i+1]
		}
	}
	return m
}

func putList[T any](m map[string]any, name string, items []T, convert func(T) any) {
	if items == nil {
		return
	}
	list := make([]any, 0, len(items))
	for _, item := range items {
		list = append(list, convert(item))
	}
	m[name] = list
}
