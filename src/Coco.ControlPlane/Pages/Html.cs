using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace Coco.ControlPlane.Pages;

/// <summary>A piece of HTML whose holes are encoded: what is interpolated shows as text and never becomes markup. Attributes stand in double quotes.</summary>
[InterpolatedStringHandler]
internal readonly struct Html
{
    private readonly StringBuilder _text;

    public Html(int literalLength, int formattedCount)
    {
        _ = formattedCount;
        _text = new(literalLength);
    }

    public void AppendLiteral(string literal) => _text.Append(literal);

    public void AppendFormatted(string? value) => _text.Append(HtmlEncoder.Default.Encode(value ?? ""));

    public void AppendFormatted(Html part) => _text.Append(part._text);

    public override string ToString() => _text.ToString();
}
