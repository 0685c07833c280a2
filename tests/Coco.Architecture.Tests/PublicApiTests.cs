using System.Reflection;
using System.Text;

namespace Coco.Architecture.Tests;

/// <summary>What each library shows to its users stands in its <c>PublicAPI.Shipped.txt</c>, so that a change to it is seen in review.
/// Run with COCO_APPROVE=1 to write the files anew.</summary>
public sealed class PublicApiTests
{
    public static TheoryData<string> Libraries => new("Coco.Crypto", "Coco.Quic", "Coco.Traversal", "Coco.Cluster", "Coco.Transport", "Coco.Storage", "Coco", "Coco.Mqtt", "Coco.Extensions.Hosting", "Coco.ControlPlane.Client");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void The_public_surface_is_the_one_on_record(string library)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Coco.slnx"))) { root = root.Parent; }
        var file = Path.Combine(root!.FullName, "src", library, "PublicAPI.Shipped.txt");
        var actual = Describe(Assembly.Load(library));

        if (Environment.GetEnvironmentVariable("COCO_APPROVE") == "1") { File.WriteAllText(file, actual); }
        var recorded = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        Assert.True(recorded == actual, $"{file} does not match the public surface; run with COCO_APPROVE=1 and review the change.\n{Difference(recorded, actual)}");
    }

    [Fact]
    public void A_member_that_is_not_on_record_is_reported() => Assert.Contains("+ B", Difference("A\n", "A\nB\n"), StringComparison.Ordinal);

    private static string Difference(string recorded, string actual)
    {
        var (before, after) = (recorded.Split('\n'), actual.Split('\n'));
        return string.Join('\n', before.Except(after).Select(static line => "- " + line).Concat(after.Except(before).Select(static line => "+ " + line)));
    }

    private static string Describe(Assembly assembly)
    {
        var lines = new List<string>();
        foreach (var type in assembly.GetExportedTypes())
        {
            lines.Add($"{Kind(type)} {Name(type)}");
            const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
            foreach (var member in type.GetMembers(Declared))
            {
                if (IsVisible(member) && Text(member) is { } text) { lines.Add($"{Name(type)}.{text}"); }
            }
        }
        lines.Sort(StringComparer.Ordinal);
        return new StringBuilder().AppendJoin('\n', lines.Distinct(StringComparer.Ordinal)).Append('\n').ToString();
    }

    private static bool IsVisible(MemberInfo member) => member switch
    {
        MethodBase method => (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.Contains('<', StringComparison.Ordinal),
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        PropertyInfo property => (property.GetMethod ?? property.SetMethod) is { } accessor && (accessor.IsPublic || accessor.IsFamily),
        EventInfo => true,
        _ => false,
    };

    private static string? Text(MemberInfo member) => member switch
    {
        MethodInfo { IsSpecialName: true } method when !method.Name.StartsWith("op_", StringComparison.Ordinal) => null,
        MethodInfo method => $"{method.Name}({Parameters(method)}) -> {Name(method.ReturnType)}",
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        PropertyInfo property => $"{property.Name} {{{(property.GetMethod is { IsPublic: true } ? " get;" : "")}{(property.SetMethod is { IsPublic: true } ? " set;" : "")} }} -> {Name(property.PropertyType)}",
        FieldInfo { IsLiteral: true } field => $"{field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{field.Name} -> {Name(field.FieldType)}",
        _ => member.Name,
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static parameter => $"{Name(parameter.ParameterType)} {parameter.Name}"));

    private static string Kind(Type type) =>
        type.IsEnum ? "enum" : type.IsValueType ? "struct" : type.IsInterface ? "interface" : type.IsAbstract && type.IsSealed ? "static class" : type.IsAbstract ? "abstract class" : "class";

    private static string Name(Type type)
    {
        if (type.IsByRef) { return Name(type.GetElementType()!) + "&"; }
        if (type.IsArray) { return Name(type.GetElementType()!) + "[]"; }
        if (!type.IsGenericType) { return type.FullName ?? type.Name; }
        return $"{type.Namespace}.{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
