using System.Globalization;
using System.Text;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>
/// Reads the XML of routers from front to back: tags by their local names, and text. Attributes, comments and instructions are passed
/// over; a document type ends the reading, so no entity can be defined. It allocates only what <see cref="Decode"/> returns.
/// </summary>
internal ref struct XmlScanner(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Local name of a tag.</summary>
    public ReadOnlySpan<char> Name { get; private set; }

    /// <summary>Character data as it stands there.</summary>
    public ReadOnlySpan<char> Text { get; private set; }

    /// <summary>Whether a start tag is its own end.</summary>
    public bool IsEmptyElement { get; private set; }

    public XmlToken Read()
    {
        while (!_rest.IsEmpty)
        {
            if (_rest[0] != '<') { return ReadText(); }
            if (_rest.StartsWith("<!--")) { Skip("-->"); }
            else if (_rest.StartsWith("<?")) { Skip("?>"); }
            else if (_rest.StartsWith("<![CDATA[")) { return ReadCharacterData(); }
            else if (_rest.StartsWith("<!")) { return Fail(); } // a document type
            else { return ReadTag(); }
        }
        return XmlToken.None;
    }

    /// <summary>Character data with the five predefined entities and character references replaced (XML 1.0 §4.1, §4.6).</summary>
    public static string Decode(ReadOnlySpan<char> text)
    {
        if (text.IndexOf('&') < 0) { return text.ToString(); }
        var decoded = new StringBuilder(text.Length);
        while (text.IndexOf('&') is >= 0 and var at)
        {
            decoded.Append(text[..at]);
            text = text[at..];
            var end = text[..Math.Min(text.Length, 12)].IndexOf(';');
            if (end < 0 || !TryAppend(decoded, text[1..end]))
            {
                decoded.Append('&'); // routers forget to escape
                text = text[1..];
                continue;
            }
            text = text[(end + 1)..];
        }
        return decoded.Append(text).ToString();
    }

    private static bool TryAppend(StringBuilder decoded, ReadOnlySpan<char> entity)
    {
        if (entity is ['#', .. var number])
        {
            var isHex = number is ['x', ..];
            var style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
            if (!int.TryParse(isHex ? number[1..] : number, style, CultureInfo.InvariantCulture, out var code) || !Rune.IsValid(code)) { return false; }
            decoded.Append(new Rune(code).ToString());
            return true;
        }
        char? character = entity switch { "amp" => '&', "lt" => '<', "gt" => '>', "quot" => '"', "apos" => '\'', _ => null };
        decoded.Append(character);
        return character is not null;
    }

    private XmlToken ReadText()
    {
        var end = _rest.IndexOf('<');
        Text = end < 0 ? _rest : _rest[..end];
        _rest = _rest[Text.Length..];
        return XmlToken.Text;
    }

    private XmlToken ReadCharacterData()
    {
        const int Opening = 9;
        var length = _rest[Opening..].IndexOf("]]>");
        if (length < 0) { return Fail(); }
        Text = _rest.Slice(Opening, length);
        _rest = _rest[(Opening + length + 3)..];
        return XmlToken.Text;
    }

    private XmlToken ReadTag()
    {
        var end = EndOfTag();
        if (end < 0) { return Fail(); }
        var tag = _rest[1..end];
        _rest = _rest[(end + 1)..];
        var isEnd = tag is ['/', ..];
        IsEmptyElement = !isEnd && tag is [.., '/'];
        if (isEnd) { tag = tag[1..]; }
        var length = tag.IndexOfAny(" \t\r\n/");
        if (length >= 0) { tag = tag[..length]; }
        Name = tag[(tag.IndexOf(':') + 1)..];
        return Name.IsEmpty ? Fail() : isEnd ? XmlToken.End : XmlToken.Start;
    }

    // A '>' inside an attribute's quotes ends nothing.
    private readonly int EndOfTag()
    {
        var at = 1;
        while (at < _rest.Length)
        {
            var found = _rest[at..].IndexOfAny('>', '"', '\'');
            if (found < 0) { return -1; }
            at += found;
            if (_rest[at] == '>') { return at; }
            var closing = _rest[(at + 1)..].IndexOf(_rest[at]);
            if (closing < 0) { return -1; }
            at += closing + 2;
        }
        return -1;
    }

    private void Skip(ReadOnlySpan<char> closing)
    {
        var end = _rest.IndexOf(closing);
        _rest = end < 0 ? [] : _rest[(end + closing.Length)..];
    }

    private XmlToken Fail()
    {
        _rest = [];
        return XmlToken.None;
    }
}
