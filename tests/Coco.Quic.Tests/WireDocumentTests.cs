using System.Text.RegularExpressions;

namespace Coco.Quic.Tests;

/// <summary>The worked examples of docs/wire.md are what the code makes, byte for byte.</summary>
public class WireDocumentTests
{
    private static readonly Dictionary<string, string> Document = ReadExamples();

    public static TheoryData<string> Names => [.. WireExamples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Example_in_the_document_is_what_the_code_makes(string name)
    {
        var made = string.Join('\n', WireExamples.All[name]());
        Assert.True(
            Document.TryGetValue(name, out var written),
            $"docs/wire.md has no example \"{name}\". The code makes:\n{made}");
        Assert.True(written == made, $"example \"{name}\" of docs/wire.md differs. The code makes:\n{made}");
    }

    [Fact]
    public void Document_has_no_example_that_is_not_checked() =>
        Assert.Equal(WireExamples.All.Keys.Order(), Document.Keys.Order());

    /// <summary>Examples are fenced blocks whose first line is <c>```example NAME</c>.</summary>
    private static Dictionary<string, string> ReadExamples()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Coco.slnx"))) { folder = folder.Parent!; }
        var text = File.ReadAllText(Path.Combine(folder.FullName, "docs", "wire.md")).ReplaceLineEndings("\n");
        const RegexOptions options = RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture;
        return Regex.Matches(text, @"^```example (?<name>\S+)\n(?<lines>.*?)\n```$", options, TimeSpan.FromSeconds(10))
            .ToDictionary(match => match.Groups["name"].Value, match => match.Groups["lines"].Value);
    }
}
