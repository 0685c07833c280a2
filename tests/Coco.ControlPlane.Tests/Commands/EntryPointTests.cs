using Coco.ControlPlane.Commands;

namespace Coco.ControlPlane.Tests.Commands;

public sealed class EntryPointTests
{
    [Theory]
    [InlineData("Listen:0", "ftp://x", "is no http")]
    [InlineData("PublicUrl", "https://x/path/", "without a path")]
    [InlineData("Database", "mysql:x", "sqlite:")]
    [InlineData("DrainTime", "1.00:00:00", "5 minutes")]
    [InlineData("MaxRequestBytes", "1", "16 KiB")]
    [InlineData("CertificateFile", "/no/such", "go together")]
    [InlineData("TrustedProxies:0", "nobody", "no address")]
    [InlineData("Rates:CallerPerSecond", "0", "1 to 100,000")]
    [InlineData("Rates:CallerPerSecond", "many", "many")]
    [InlineData("Relaying:Addresses:0", "0.0.0.0:4433", "others can send to")]
    [InlineData("Relaying:WebSocketListen:0", "0.0.0.0:7780", "takes WebSockets by itself")]
    [InlineData("Misspelled", "1", "Misspelled")]
    [InlineData("Acme:Domains:0", "*.example.org", "no domain name")]
    [InlineData("Acme:Domains:0", "Control.example", "no domain name")]
    [InlineData("Acme:Domains:0", "192.0.2.1", "no domain name")]
    [InlineData("Acme:Domains:0", "control.example", "Acme.AgreesToTerms: the certificate authority")]
    [InlineData("Acme:Domains:0", "control.example", "no https:// address is in Listen")]
    [InlineData("Acme:AgreesToTerms", "true", "Acme.Domains names no domain")]
    public async Task Settings_that_are_wrong_are_named_before_anything_starts(string name, string value, string message)
    {
        using var error = new StringWriter();

        Assert.Equal(EntryPoint.NotUnderstood, await EntryPoint.RunAsync(["check", "--" + name, value], TextWriter.Null, error));

        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Directory", "http://authority.example", "no https:// address")]
    [InlineData("Email", "ada", "no address of mail")]
    [InlineData("Challenge", "dns-01", "tls-alpn-01 or http-01")]
    [InlineData("Challenge", "http-01", "no http:// address is in Listen")]
    [InlineData("RootFile", "/no/such", "no file of certificates")]
    [InlineData("ExternalAccount", "kid-1", "go together")]
    [InlineData("Domains:1", "control.example", "names a domain twice")]
    public async Task What_is_wrong_with_a_certificate_that_is_asked_for_is_named_before_anything_starts(string name, string value, string message)
    {
        using var error = new StringWriter();
        string[] fine = ["--Listen:0", "https://127.0.0.1:0", "--Acme:Domains:0", "control.example", "--Acme:AgreesToTerms", "true"];
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["check", .. fine], TextWriter.Null, error));

        Assert.Equal(EntryPoint.NotUnderstood, await EntryPoint.RunAsync(["check", .. fine, "--Acme:" + name, value], TextWriter.Null, error));

        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=mail.example.org:587", "Mail.Port")]
    [InlineData("Server=mail.example.org Security=Plain", "Plain")]
    [InlineData("Server=mail.example.org Security=7 From=a@b.example", "Tls or None")]
    [InlineData("Server=mail.example.org Security=None From=a@b.example", "Mail.AllowsPlaintext")]
    [InlineData("Server=192.0.2.1 Security=None From=a@b.example", "Mail.AllowsPlaintext")]
    [InlineData("Server=mail.example.org Port=0 From=a@b.example", "1 to 65,535")]
    [InlineData("Server=mail.example.org", "Mail.From is missing")]
    [InlineData("Server=mail.example.org From=nobody", "is no address of mail")]
    [InlineData("Server=mail.example.org From=a@b.example FromName=ünï", "visible ASCII")]
    [InlineData("Server=mail.example.org From=a@b.example User=ada", "go together")]
    [InlineData("Server=mail.example.org From=a@b.example Password=x", "go together")]
    [InlineData("Server=mail.example.org From=a@b.example User=ada Password=x PasswordFile=/no/such", "one of them")]
    [InlineData("Server=mail.example.org From=a@b.example User=ada PasswordFile=/no/such", "there is no file")]
    [InlineData("Server=mail.example.org From=a@b.example AuthorityFile=/no/such", "cannot be read")]
    [InlineData("Server=mail.example.org From=a@b.example Timeout=00:01:00", "1 to 30 seconds")]
    [InlineData("Server=mail.example.org From=a@b.example MaxConnections=0", "1 to 16")]
    [InlineData("Port=587", "Mail.Server is missing")]
    public async Task Settings_of_mail_that_are_wrong_are_named_before_anything_starts(string settings, string message)
    {
        using var error = new StringWriter();

        Assert.Equal(EntryPoint.NotUnderstood, await EntryPoint.RunAsync(["check", .. OfMail(settings)], TextWriter.Null, error));

        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Server=mail.example.org From=a@b.example")]
    [InlineData("Server=localhost Security=None From=a@b.example")]
    [InlineData("Server=::1 Security=None From=a@b.example")]
    [InlineData("Server=mail.example.org Security=None AllowsPlaintext=true From=a@b.example User=ada Password=x")]
    public async Task Settings_of_mail_that_are_right_are_fine(string settings) =>
        Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["check", .. OfMail(settings)], TextWriter.Null, Console.Error));

    [Fact]
    public async Task A_password_of_mail_that_others_may_read_is_refused_and_shown_nowhere()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "files have no modes");
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "correct horse");
#pragma warning disable CA1416 // not on Windows
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
#pragma warning restore CA1416
            using var error = new StringWriter();
            Assert.Equal(EntryPoint.NotUnderstood, await EntryPoint.RunAsync(["check", .. OfMail("Server=mail.example.org From=a@b.example User=ada PasswordFile=" + file)], TextWriter.Null, error));

            Assert.Contains("chmod 600", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("horse", error.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:2")]
    public void It_listens_where_it_is_told_and_nowhere_else(params string[] places)
    {
        Assert.True(EntryPoint.TryRead([.. places.SelectMany((place, i) => (string[])[$"--Listen:{i}", place])], out var settings, out _));

        Assert.Equal(places.Length == 0 ? ["http://127.0.0.1:7780"] : places, settings.Listen);
    }

    [Fact]
    public async Task Settings_of_the_defaults_are_fine() => Assert.Equal(EntryPoint.Done, await EntryPoint.RunAsync(["check"], TextWriter.Null, Console.Error));

    [Fact]
    public async Task A_command_that_is_none_is_said_so()
    {
        using var error = new StringWriter();

        Assert.Equal(EntryPoint.NotUnderstood, await EntryPoint.RunAsync(["sevre"], TextWriter.Null, error));

        Assert.Contains("'sevre' is no command", error.ToString(), StringComparison.Ordinal);
    }

    private static IEnumerable<string> OfMail(string settings) => settings.Split(' ').SelectMany(static one => (string[])["--Mail:" + one.Split('=')[0], one.Split('=')[1]]);
}
