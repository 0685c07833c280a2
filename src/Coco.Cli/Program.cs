using System.Text;
using Coco.Cli;

Console.OutputEncoding = Encoding.UTF8;
return (int)await CommandLine.RunAsync(args, Console.Out, Console.Error);
