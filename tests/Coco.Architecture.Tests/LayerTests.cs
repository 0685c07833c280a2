using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Coco.Architecture.Tests;

public sealed class LayerTests
{
    [Fact]
    public void Every_shipped_project_stands_in_a_layer()
    {
        Assert.All(Repository.ShippedProjects.Select(Repository.ProjectName), name => Assert.True(Layers.IsKnown(name), name));
    }

    [Fact]
    public void No_project_references_one_above_it_or_one_that_does_not_ship()
    {
        var wrong =
            from project in Repository.ShippedProjects
            from reference in Repository.ProjectReferences(project)
            where !reference.StartsWith(Path.Combine(Repository.Root, "src") + Path.DirectorySeparatorChar, StringComparison.Ordinal)
                || Layers.PointsUp(Repository.ProjectName(project), Repository.ProjectName(reference))
            select $"{Repository.ProjectName(project)} -> {Repository.ProjectName(reference)}";

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_assembly_references_one_above_it()
    {
        var wrong =
            from file in Repository.ShippedProjects.Select(Repository.AssemblyOf)
            let name = Path.GetFileNameWithoutExtension(file)
            from reference in CocoReferences(file)
            where Layers.PointsUp(name, reference)
            select $"{name} -> {reference}";

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("Coco.Quic", "Coco.Transport", true)]
    [InlineData("Coco.Crypto", "Coco.Quic", true)]
    [InlineData("Coco.Transport", "Coco.Cli", true)]
    [InlineData("Coco.Transport", "Coco.Crypto", false)]
    [InlineData("Coco.Traversal", "Coco.Quic", false)]
    public void The_check_knows_up_from_down(string from, string to, bool up) => Assert.Equal(up, Layers.PointsUp(from, to));

    [Fact]
    public void The_check_sees_references() =>
        Assert.Contains("Coco.Crypto", CocoReferences(Path.Combine(AppContext.BaseDirectory, "Coco.Quic.dll")));

    private static List<string> CocoReferences(string file)
    {
        using var assembly = new PEReader(File.OpenRead(file));
        var metadata = assembly.GetMetadataReader();
        return [.. metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
            .Where(name => name.StartsWith("Coco", StringComparison.OrdinalIgnoreCase))];
    }
}
