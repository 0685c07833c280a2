namespace Coco.Mqtt.Tests.Interop;

/// <summary>Programs of others that tests need.</summary>
internal static class Needs
{
    private static readonly Lazy<string> NpmProblem = new(InstallNpm);

    public static void Mosquitto()
    {
        Program("mosquitto_sub", "apt-get install mosquitto-clients");
        Program("mosquitto_pub", "apt-get install mosquitto-clients");
    }

    /// <summary>The folder where the npm package <c>mqtt</c> is, with <c>peer.mjs</c>. Below artifacts/, which git ignores, and kept between runs.</summary>
    public static string NpmMqtt()
    {
        Program("node", "Node.js 20 or later");
        Program("npm", "Node.js 20 or later");
        Assert.SkipUnless(NpmProblem.Value.Length == 0, $"NOT TESTED: npm could not install mqtt in {NpmFolder}: {NpmProblem.Value}");
        return NpmFolder;
    }

    private static string NpmFolder => Path.Combine(Repository, "artifacts", "interop", "mqtt");

    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (folder is not null && !File.Exists(Path.Combine(folder, "Coco.slnx"))) { folder = Path.GetDirectoryName(folder); }
            return folder ?? throw new InvalidOperationException("The tests do not run below the folder of Coco.slnx.");
        }
    }

    // Where CI=true a missing program is a failure: there it is installed.
    private static void Program(string program, string install)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (folders.Any(folder => File.Exists(Path.Combine(folder, program)))) { return; }
        var reason = $"NOT TESTED: {program} is not installed. Install it: {install}";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", reason);
        Assert.Skip(reason);
    }

    private static string InstallNpm()
    {
        Directory.CreateDirectory(NpmFolder);
        var source = Path.Combine(Repository, "tests", "Coco.Mqtt.Tests", "Interop", "npm");
        foreach (var file in Directory.GetFiles(source)) { File.Copy(file, Path.Combine(NpmFolder, Path.GetFileName(file)), overwrite: true); }
        if (Directory.Exists(Path.Combine(NpmFolder, "node_modules", "mqtt"))) { return ""; }

        using var npm = new ForeignClient("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], NpmFolder);
        try
        {
            npm.EndAsync().GetAwaiter().GetResult();
            return "";
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception.Message;
        }
    }
}
