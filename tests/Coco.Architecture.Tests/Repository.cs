using System.Xml.Linq;

namespace Coco.Architecture.Tests;

/// <summary>The repository these tests were built from, and what stands beside them.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static IEnumerable<string> ShippedProjects => Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);

    /// <summary>The file a shipped project is compiled to, next to this test.</summary>
    public static string AssemblyOf(string project)
    {
        var name = XDocument.Load(project).Descendants("AssemblyName").FirstOrDefault()?.Value ?? ProjectName(project);
        var file = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        Assert.True(File.Exists(file), $"{name}.dll is not here: let Coco.Architecture.Tests reference {ProjectName(project)}");
        return file;
    }

    public static string ProjectName(string project) => Path.GetFileNameWithoutExtension(project);

    public static IEnumerable<string> ProjectReferences(string project) => XDocument.Load(project)
        .Descendants("ProjectReference")
        .Select(reference => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, reference.Attribute("Include")!.Value)));

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Coco.slnx"))) { return folder; }
        }

        throw new InvalidOperationException("no Coco.slnx above " + AppContext.BaseDirectory);
    }
}
