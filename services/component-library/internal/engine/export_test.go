package engine

// SetFailpoint stops the worker at named points, for tests outside of the package.
func (e *Engine) SetFailpoint(f func(name string) error) { e.failpoint = f }

// CheckForm is the validation of every save.
var CheckForm = checkForm
