using System.Text.Json;

namespace Coco.Crypto.Tests;

/// <summary>
/// The cases of C2SP/wycheproof, which the repository does not contain: looked for in the folder COCO_VECTORS names and in
/// ../shared/vectors beside the repository. Tests that find neither report themselves as skipped.
/// </summary>
internal static class Wycheproof
{
    public static IEnumerable<Case> Cases(string file)
    {
        var folder = Folders().FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(folder is null, "No Wycheproof vectors: set COCO_VECTORS or put them into ../shared/vectors.");

        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder!, "wycheproof", file)));
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray()) { yield return new(group, test); }
        }
    }

    private static IEnumerable<string> Folders()
    {
        if (Environment.GetEnvironmentVariable("COCO_VECTORS") is { Length: > 0 } named) { yield return named; }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Coco.slnx")))
            {
                yield return Path.Combine(folder.FullName, "..", "shared", "vectors");
            }
        }
    }

    public sealed record Case(JsonElement Group, JsonElement Test)
    {
        public int Id => Test.GetProperty("tcId").GetInt32();

        public string Result => Test.GetProperty("result").GetString()!;

        public bool IsValid => Result == "valid";

        public byte[] this[string name] => Convert.FromHexString(Test.GetProperty(name).GetString()!);

        public bool Has(string flag) => Test.GetProperty("flags").EnumerateArray().Any(f => f.GetString() == flag);

        public int Size(string name) => Group.GetProperty(name).GetInt32();
    }
}
