using Microsoft.Extensions.Primitives;

namespace Coco.ControlPlane.Pages;

/// <summary>Fields of a form or parameters of a link: each once and none long, or it is not there.</summary>
internal sealed class FormValues(Func<string, StringValues> read)
{
    private const int MaxLength = 4096;

    public static FormValues OfQuery(HttpContext context) => new(name => context.Request.Query[name]);

    public static FormValues OfForm(IFormCollection form) => new(name => form[name]);

    public string this[string name] => read(name) is [{ Length: <= MaxLength } value] ? value : "";
}
