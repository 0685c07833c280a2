using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Xml.Linq;
using Coco.Crypto;

namespace Coco.Architecture.Tests;

public sealed class CoreTests
{
    private static IEnumerable<string> Cores =>
        Repository.ShippedProjects.Where(project => Layers.Cores.Contains(Repository.ProjectName(project), StringComparer.Ordinal));

    [Fact]
    public void No_core_uses_sockets_clocks_files_threads_or_randomness_of_its_own()
    {
        var found =
            from project in Cores
            from reference in ForbiddenReferences.In(Repository.AssemblyOf(project))
            select $"{Repository.ProjectName(project)}: {reference}";

        Assert.Empty(found);
    }

    [Fact]
    public void Every_core_has_the_analyzer_that_says_so_while_one_types() =>
        Assert.All(Cores, project => Assert.Equal("true", XDocument.Load(project).Descendants("CocoCore").SingleOrDefault()?.Value));

    [Fact]
    public void There_is_a_core_to_check() => Assert.NotEmpty(Cores);

    [Theory]
    [InlineData("System.DateTime.get_UtcNow")]
    [InlineData("System.Environment.get_TickCount64")]
    [InlineData("System.Diagnostics.Stopwatch")]
    [InlineData("System.IO.File")]
    [InlineData("System.Net.Sockets.Socket")]
    [InlineData("System.Threading.Thread")]
    [InlineData("System.Threading.Tasks.Task")]
    [InlineData("System.Random")]
    [InlineData("System.Security.Cryptography.RandomNumberGenerator")]
    [InlineData("System.Guid.NewGuid")]
    [InlineData("Coco.Crypto.RandomSource.get_System")]
    [InlineData("P/Invoke getpid")]
    public void The_check_finds_what_this_very_assembly_uses(string reference) =>
        Assert.Contains(reference, ForbiddenReferences.In(typeof(Offender).Assembly.Location));

    /// <summary>Never called; it is there to be found.</summary>
    private static class Offender
    {
        public static object[] Offend() =>
        [
            DateTime.UtcNow, Environment.TickCount64, Stopwatch.GetTimestamp(), File.Exists("x"), typeof(Socket), Thread.CurrentThread,
            Task.CompletedTask, new Random(1), RandomNumberGenerator.GetInt32(2), Guid.NewGuid(), RandomSource.System, GetProcessId(),
        ];

        [DllImport("libc", EntryPoint = "getpid")]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        private static extern int GetProcessId();
    }
}
